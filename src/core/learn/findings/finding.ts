/** A conclusion that follows from measured facts, with what it asks for. */
import type { Context } from '../context.ts'
import type { Rich, Statement } from '../rich.ts'

/** Within a week, a month, a quarter. */
export type HorizonId = 'immediate' | 'short' | 'long'

/** Something to do, without owner and day: those are for people to say. */
export interface ProposedAction {
  /** Two findings may ask for the same action; it is listed once. */
  readonly id: string
  readonly horizon: HorizonId
  readonly text: string
}

/** What is worth remembering beyond this incident. */
export interface Lesson {
  readonly kind: 'technical' | 'process'
  readonly title: string
  readonly text: string
}

interface Said {
  readonly id: string
  readonly title: string
  /** At least one; the first carries the sources. */
  readonly lines: readonly Statement[]
}

/** What went wrong always asks for something: an action without which it would happen again. */
export type Finding =
  | (Said & { readonly place: 'well' })
  | (Said & {
      readonly place: 'factor' | 'badly'
      readonly actions: readonly [ProposedAction, ...ProposedAction[]]
      readonly lesson: Lesson | null
    })

/** Null when the facts do not say it. */
export type FindingRule = (context: Context) => Finding | null

/** The sources that some lines name, in order. */
export const references = (lines: readonly Statement[]): Rich =>
  lines.flatMap((line) => ('kind' in line ? [] : line)).filter((inline) => inline.kind === 'reference')
