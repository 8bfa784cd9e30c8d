/**
 * JSON text that `jsonb` takes: PostgreSQL refuses NUL and half surrogate pairs, and a fact may quote what a program
 * printed. Both become U+FFFD, so that the rest of the fact is kept.
 */
export function toJsonb(value: unknown): string {
  return JSON.stringify(value, (_key, part) =>
    typeof part === 'string' ? part.toWellFormed().replaceAll('\0', '\uFFFD') : part,
  )
}
