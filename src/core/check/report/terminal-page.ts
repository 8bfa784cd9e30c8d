/** What the parts of the terminal's report share. */
import type { Finding } from '../finding.ts'
import type { Paint } from './paint.ts'

/** How the page is drawn. */
export interface Page {
  readonly paint: Paint
  /** Columns. */
  readonly width: number
  /** The line of the file that a finding is about, with a caret under its column; empty where that says nothing. */
  readonly frame?: (finding: Finding) => readonly string[]
}

/** Lines without their ends. */
export type Lines = readonly string[]
/** Puts a colour on a text. */
export type Tone = (text: string) => string

/** An empty line, then the heading. */
export const heading = (text: string, { paint }: Page): Lines => ['', paint.bold(text)]

/** How many of a list were not shown. */
export const andMore = (rest: number, { paint }: Page): Lines =>
  rest > 0 ? [paint.dim(`  and ${rest} more: --format json has them all`)] : []
