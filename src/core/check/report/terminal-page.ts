/** What the parts of the terminal's report share. */
import type { Paint } from './paint.ts'

export interface Page {
  readonly paint: Paint
  /** Columns. */
  readonly width: number
}

export type Lines = readonly string[]
export type Tone = (text: string) => string

export const heading = (text: string, { paint }: Page): Lines => ['', paint.bold(text)]

/** How many of a list were not shown. */
export const andMore = (rest: number, { paint }: Page): Lines =>
  rest > 0 ? [paint.dim(`  and ${rest} more: --format json has them all`)] : []
