/** Which statements have plans. */

const PLANNABLE = new Set(['select', 'insert', 'update', 'delete', 'merge', 'with', 'values', 'table'])

/** @param words of the statement, in lower case; a statement in parentheses begins with its first word inside */
export const isPlannable = (words: readonly string[]): boolean => PLANNABLE.has(words[0] ?? '')
