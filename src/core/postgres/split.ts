import { type Token, tokens } from './scan.ts'

/** One statement of a file. */
export interface SqlStatement {
  /** From its first word to before its semicolon. */
  readonly sql: string
  /** Of its first word in the text, in UTF-16 units. */
  readonly offset: number
  /** Of its first word; lines count from 1. */
  readonly line: number
  /** Its words outside quotes and comments, in lower case. */
  readonly words: readonly string[]
}

/** Words that are looked at to know what a statement is; a data statement may have millions. */
const MAX_WORDS = 1000
/** `CREATE [OR REPLACE] {FUNCTION|PROCEDURE}`: only their bodies may be `BEGIN ATOMIC … END` (psql looks no further either). */
const ROUTINE = /^create (or replace )?(function|procedure)\b/

/** Follows one statement until the semicolon that ends it. */
class Statement {
  start: number | null = null
  end = 0
  readonly words: string[] = []
  private parentheses = 0
  /** Of `BEGIN` and, within one, `CASE`. */
  private blocks = 0

  take(token: Token, text: string): void {
    this.start ??= token.start
    this.end = token.end
    if (token.kind === 'word') this.word(text.slice(token.start, token.end).toLowerCase())
    if (token.kind !== 'symbol') return
    const symbol = text.slice(token.start, token.end)
    if (symbol === '(') this.parentheses += 1
    if (symbol === ')' && this.parentheses > 0) this.parentheses -= 1
  }

  get complete(): boolean {
    return this.parentheses === 0 && this.blocks === 0
  }

  private word(word: string): void {
    if (this.words.length < MAX_WORDS) this.words.push(word)
    if (word === 'begin' && ROUTINE.test(this.words.slice(0, 4).join(' '))) this.blocks += 1
    else if (word === 'case' && this.blocks > 0) this.blocks += 1
    else if (word === 'end' && this.blocks > 0) this.blocks -= 1
  }
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) lines += 1
  return lines
}

/**
 * Cuts a file into its statements, as psql does. Empty statements and comments between statements are left out.
 * @throws UnterminatedSql when a quote or comment never ends
 */
export function splitSql(text: string): readonly SqlStatement[] {
  const found: SqlStatement[] = []
  let statement = new Statement()
  let [line, counted] = [1, 0]
  const finish = () => {
    const { start, end, words } = statement
    if (start !== null) {
      line += countLines(text, counted, start)
      counted = start
      found.push({ sql: text.slice(start, end), offset: start, line, words })
    }
    statement = new Statement()
  }
  for (const token of tokens(text)) {
    if (token.kind === 'blank') continue
    if (statement.complete && text[token.start] === ';') finish()
    else statement.take(token, text)
  }
  finish()
  return found
}

/** The line of an offset, from 1. */
export const lineAt = (text: string, offset: number): number => 1 + countLines(text, 0, offset)
