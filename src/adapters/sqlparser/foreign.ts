/** What psql understands and PostgreSQL does not: meta-commands, and the data behind COPY … FROM stdin. */
import type { ParsedFile } from '../../core/check/sql.ts'
import { tokens, UnterminatedSql } from '../../core/postgres/scan.ts'

type Remark = ParsedFile['remarks'][number]

/** A text of the same length in which only SQL is left: everything else is blank, its line breaks kept. */
export interface SqlOnly {
  readonly text: string
  readonly remarks: readonly Remark[]
}

const MAYBE_FOREIGN = /^[ \t]*\\|\\g|from\s+stdin/im
const COPY_FROM_STDIN = /^copy\b[^;]*\bfrom\s+stdin\b/i
/** Characters of a statement that are read to see whether it is COPY … FROM stdin. */
const MAX_HEAD = 10_000
const END_OF_DATA = /^\\\.[ \t]*\r?$/m
/** These send the statement before them, as a semicolon does. */
const SENDS = /^\\(g|gx|gexec|gset|gdesc|crosstabview|watch)\b/

/** As long as `text`, with spaces for all but line breaks. */
export const blankOf = (text: string): string => text.replace(/[^\n\r]/g, ' ')

const lineAfter = (text: string, at: number): number => {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end
}

class Cleaner {
  private readonly text: string
  private out = ''
  private at = 0
  private line = 1
  private readonly remarks: Remark[] = []

  constructor(text: string) {
    this.text = text
  }

  clean(): SqlOnly {
    while (this.at < this.text.length) {
      const foreign = this.nextForeign()
      if (foreign === null) this.keep(this.text.length)
      else if (foreign.kind === 'command') this.metaCommand(foreign.at)
      else this.copyData(foreign.at)
    }
    return { text: this.out, remarks: this.remarks }
  }

  /** The next thing that is no SQL; `at` counts from where we are. */
  private nextForeign(): { readonly kind: 'command' | 'data'; readonly at: number } | null {
    const rest = this.text.slice(this.at)
    let statement = ''
    try {
      for (const token of tokens(rest)) {
        const piece = rest.slice(token.start, token.end)
        if (piece === '\\') return { kind: 'command', at: token.start }
        if (piece === ';' && COPY_FROM_STDIN.test(statement)) return { kind: 'data', at: token.end }
        if (piece === ';') statement = ''
        else if (statement.length < MAX_HEAD)
          statement = `${statement}${token.kind === 'blank' ? ' ' : piece}`.trimStart()
      }
    } catch (error) {
      // The parser tells of it: what is left is given to it as it is.
      if (!(error instanceof UnterminatedSql)) throw error
    }
    return null
  }

  private keep(to: number): void {
    const piece = this.text.slice(this.at, to)
    this.out += piece
    this.advance(piece, to)
  }

  private drop(to: number, first = ''): void {
    const piece = this.text.slice(this.at, to)
    this.out += `${first}${blankOf(piece).slice(first.length)}`
    this.advance(piece, to)
  }

  private advance(piece: string, to: number): void {
    this.line += piece.split('\n').length - 1
    this.at = to
  }

  private metaCommand(start: number): void {
    this.keep(this.at + start)
    const end = lineAfter(this.text, this.at)
    const command = this.text.slice(this.at, end).trim()
    const name = /^\\\S*/.exec(command)?.[0] ?? '\\'
    this.remarks.push({
      line: this.line,
      message: `${name} is a command of psql: its effect is not seen here, and other tools fail on it.`,
      severity: 'note',
    })
    this.drop(end, SENDS.test(command) ? ';' : '')
  }

  private copyData(from: number): void {
    this.keep(lineAfter(this.text, this.at + from))
    const rest = this.text.slice(this.at)
    const end = END_OF_DATA.exec(rest)
    const lines = rest.slice(0, end?.index ?? rest.length).split('\n').length - 2
    this.remarks.push({
      line: this.line,
      message: `COPY … FROM stdin with ${Math.max(0, lines)} lines of data in the file, which are not looked at.`,
      severity: 'note',
    })
    this.drop(end === null ? this.text.length : this.at + end.index + end[0].length)
  }
}

/** See the head of this file. */
export function sqlOnly(text: string): SqlOnly {
  return MAYBE_FOREIGN.test(text) ? new Cleaner(text).clean() : { text, remarks: [] }
}
