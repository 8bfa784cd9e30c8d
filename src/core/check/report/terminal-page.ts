/** What the parts of the terminal's report share. */
import type { Paint } from './paint.ts'

/** How the page is drawn. */
export interface Page {
  readonly paint: Paint
  /** Columns. */
  readonly width: number
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
