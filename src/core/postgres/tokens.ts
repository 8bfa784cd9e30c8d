/**
 * Cuts SQL into tokens as PostgreSQL's scanner does, for finding and comparing: it never fails. What it cannot make out
 * (a text cut off in the middle of a string) becomes one last token. Comments and white space are dropped.
 * Source: PostgreSQL documentation, 4.1 Lexical Structure.
 */

export type TokenKind = 'word' | 'quoted' | 'literal' | 'parameter' | 'operator' | 'mark'

/** One piece of SQL. */
export interface Token {
  readonly kind: TokenKind
  /** Words in lower case, everything else as written. */
  readonly text: string
}

const SPACE = /\s+/y
const LINE_COMMENT = /--[^\n]*/y
const PARAMETER = /\$\d+/y
const DOLLAR_QUOTE = /\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y
const STRING_START = /(?:[eE]|[bBxXnN]|[uU]&)?'/y
const NUMBER = /(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/y
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y
const QUOTED = /(?:[uU]&)?"(?:[^"]|"")*"?/y
const OPERATOR = /[+\-*/<>=~!@#%^&|`?]+/y

function match(pattern: RegExp, sql: string, at: number): string | null {
  pattern.lastIndex = at
  return pattern.exec(sql)?.[0] ?? null
}

/** Where a block comment ends; they nest. */
function afterComment(sql: string, start: number): number {
  let depth = 0
  for (let at = start; at < sql.length; at++) {
    if (sql.startsWith('/*', at)) {
      depth += 1
      at += 1
    } else if (sql.startsWith('*/', at)) {
      depth -= 1
      at += 1
      if (depth === 0) return at + 1
    }
  }
  return sql.length
}

function afterString(sql: string, start: number, escapes: boolean): number {
  for (let at = start; at < sql.length; at++) {
    if (escapes && sql[at] === '\\') at += 1
    else if (sql[at] === "'" && sql[at + 1] === "'") at += 1
    else if (sql[at] === "'") return at + 1
  }
  return sql.length
}

/** An operator ends before a comment, and at a sign that belongs to a number: `=-1` is `=` and `-1`. */
function operatorAt(sql: string, at: number): string | null {
  const run = match(OPERATOR, sql, at)
  if (run === null) return null
  const comment = run.search(/--|\/\*/)
  const text = comment > 0 ? run.slice(0, comment) : run
  if (text.length > 1 && !/[~!@#%^&|`?]/.test(text)) return text.replace(/[+-]+$/, '') || text.slice(0, 1)
  return text
}

type Found = { readonly token: Token | null; readonly end: number }

function quotedAt(sql: string, at: number): Found | null {
  const string = match(STRING_START, sql, at)
  if (string !== null) {
    const end = afterString(sql, at + string.length, /^e/i.test(string))
    return { token: { kind: 'literal', text: sql.slice(at, end) }, end }
  }
  const dollar = match(DOLLAR_QUOTE, sql, at)
  if (dollar !== null) {
    const close = sql.indexOf(dollar, at + dollar.length)
    const end = close === -1 ? sql.length : close + dollar.length
    return { token: { kind: 'literal', text: sql.slice(at, end) }, end }
  }
  const name = match(QUOTED, sql, at)
  return name === null ? null : { token: { kind: 'quoted', text: name }, end: at + name.length }
}

function tokenAt(sql: string, at: number): Found {
  const space = match(SPACE, sql, at) ?? match(LINE_COMMENT, sql, at)
  if (space !== null) return { token: null, end: at + space.length }
  if (sql.startsWith('/*', at)) return { token: null, end: afterComment(sql, at) }
  const parameter = match(PARAMETER, sql, at)
  if (parameter !== null) return { token: { kind: 'parameter', text: parameter }, end: at + parameter.length }
  const quoted = quotedAt(sql, at)
  if (quoted !== null) return quoted
  const number = match(NUMBER, sql, at)
  if (number !== null) return { token: { kind: 'literal', text: number }, end: at + number.length }
  const word = match(WORD, sql, at)
  if (word !== null) return { token: { kind: 'word', text: word.toLowerCase() }, end: at + word.length }
  const operator = operatorAt(sql, at)
  if (operator !== null) return { token: { kind: 'operator', text: operator }, end: at + operator.length }
  const double = sql.startsWith('::', at) || sql.startsWith(':=', at)
  const text = sql.slice(at, at + (double ? 2 : 1))
  return { token: { kind: 'mark', text }, end: at + text.length }
}

/** Longer texts are cut: nothing that is looked for lies so far in. */
export const MAX_SQL_CHARACTERS = 100_000

/** All tokens in order; only the first MAX_SQL_CHARACTERS are read. */
export function tokensOf(sql: string): readonly Token[] {
  const text = sql.slice(0, MAX_SQL_CHARACTERS)
  const tokens: Token[] = []
  for (let at = 0; at < text.length; ) {
    const { token, end } = tokenAt(text, at)
    if (token !== null) tokens.push(token)
    at = end
  }
  return tokens
}
