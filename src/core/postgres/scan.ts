/**
 * Reads SQL as far as PostgreSQL's own lexer must to know where things end: quotes of every kind, comments, words.
 * Source of the rules: "Lexical Structure" of the PostgreSQL documentation, and psql's psqlscan.l.
 */

export type TokenKind =
  /** Unquoted identifier or keyword. */
  | 'word'
  /** `'…'`, `E'…'`, `$tag$…$tag$`, `"…"`, and so on: nothing in it counts. */
  | 'quoted'
  /** `$1`. */
  | 'parameter'
  /** White space and comments. */
  | 'blank'
  /** Any other single character. */
  | 'symbol'

/** A piece of SQL that belongs together. */
export interface Token {
  readonly kind: TokenKind
  /** Offsets into the text: [start, end). */
  readonly start: number
  readonly end: number
}

/** A quote or a comment that never ends. */
export class UnterminatedSql extends Error {
  /** Offset at which it begins. */
  readonly at: number

  constructor(what: string, at: number) {
    super(`${what} is never closed`)
    this.name = 'UnterminatedSql'
    this.at = at
  }
}

const SPACE = /[ \t\n\r\f\v]+/y
const LINE_COMMENT = /--[^\n\r]*/y
/** A dollar sign may stand inside a word, so that `a$b$` opens no dollar quote. */
const WORD = /[A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_$\u0080-\u{10ffff}]*/uy
const PARAMETER = /\$\d+/y
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_\u0080-\u{10ffff}]*)?\$/uy
/** A string goes on in the next one when nothing but white space with a line break stands between. */
const CONTINUATION = /[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'/y
const NUMBER = /\d[0-9A-Za-z_.]*/y

function endOf(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : null
}

/** End of a block comment, which may hold others. */
function blockCommentEnd(text: string, at: number): number {
  let depth = 0
  for (let i = at; i < text.length; i += 1) {
    const two = text.slice(i, i + 2)
    if (two !== '/*' && two !== '*/') continue
    depth += two === '/*' ? 1 : -1
    i += 1
    if (depth === 0) return i + 1
  }
  throw new UnterminatedSql('a comment /*', at)
}

/** End of `'…'` or `"…"` whose first character after the quote is at `from`; a doubled quote does not end it. */
function quoteEnd(text: string, from: number, options: { quote: string; backslash: boolean; start: number }): number {
  for (let i = from; i < text.length; i += 1) {
    if (options.backslash && text[i] === '\\') i += 1
    else if (text[i] === options.quote) {
      if (text[i + 1] !== options.quote) return i + 1
      i += 1
    }
  }
  throw new UnterminatedSql(options.quote === '"' ? 'a quoted name' : 'a string', options.start)
}

function stringEnd(text: string, from: number, options: { backslash: boolean; start: number }): number {
  let end = quoteEnd(text, from, { quote: "'", ...options })
  for (;;) {
    const next = endOf(CONTINUATION, text, end)
    if (next === null) return end
    end = quoteEnd(text, next, { quote: "'", ...options })
  }
}

function dollarEnd(text: string, at: number): number | null {
  const opened = endOf(DOLLAR_TAG, text, at)
  if (opened === null) return null
  const tag = text.slice(at, opened)
  const close = text.indexOf(tag, opened)
  if (close === -1) throw new UnterminatedSql(`a string ${tag}`, at)
  return close + tag.length
}

/** `E'`, `B'`, `X'`, `N'` and `U&'`, `U&"`: a letter that belongs to the quote behind it. */
function prefixedEnd(text: string, at: number): number | null {
  const [first = '', second = '', third = ''] = text.slice(at, at + 3)
  if (/[eE]/.test(first) && second === "'") return stringEnd(text, at + 2, { backslash: true, start: at })
  if (/[bBxXnN]/.test(first) && second === "'") return stringEnd(text, at + 2, { backslash: false, start: at })
  if (!/[uU]/.test(first) || second !== '&') return null
  if (third === "'") return stringEnd(text, at + 3, { backslash: false, start: at })
  return third === '"' ? quoteEnd(text, at + 3, { quote: '"', backslash: false, start: at }) : null
}

function blankEnd(text: string, at: number): number | null {
  if (text.startsWith('/*', at)) return blockCommentEnd(text, at)
  return endOf(LINE_COMMENT, text, at) ?? endOf(SPACE, text, at)
}

function quotedEnd(text: string, at: number): number | null {
  const char = text[at]
  if (char === "'") return stringEnd(text, at + 1, { backslash: false, start: at })
  if (char === '"') return quoteEnd(text, at + 1, { quote: '"', backslash: false, start: at })
  return char === '$' ? dollarEnd(text, at) : prefixedEnd(text, at)
}

function tokenAt(text: string, start: number): Token {
  const blank = blankEnd(text, start)
  if (blank !== null) return { kind: 'blank', start, end: blank }
  const parameter = endOf(PARAMETER, text, start)
  if (parameter !== null) return { kind: 'parameter', start, end: parameter }
  const quoted = quotedEnd(text, start)
  if (quoted !== null) return { kind: 'quoted', start, end: quoted }
  const word = endOf(WORD, text, start)
  if (word !== null) return { kind: 'word', start, end: word }
  return { kind: 'symbol', start, end: endOf(NUMBER, text, start) ?? start + 1 }
}

/**
 * All tokens of a text, in order and without gaps: together they are the text. Never fails on bad SQL but for the one
 * thing that hides where it ends.
 * @throws UnterminatedSql
 */
export function* tokens(text: string): Generator<Token> {
  for (let at = 0; at < text.length; ) {
    const token = tokenAt(text, at)
    yield token
    at = token.end
  }
}
