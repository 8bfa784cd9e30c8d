/** The postmortem as data: what it says, what it asks, and where every figure comes from. The renderers only lay it out. */
import type { EpochMs } from '../../base/time.ts'
import type { ChartSpec } from './chart.ts'
import type { Question, Rich, Statement } from './rich.ts'

/** A line of the block under the title. */
export interface Field {
  readonly label: string
  readonly value: Statement
}

/** A table; every row has as many cells as there are columns. */
export interface Table {
  readonly columns: readonly { readonly title: string; readonly align: 'left' | 'right' }[]
  readonly rows: readonly (readonly Rich[])[]
}

/** A titled point with its particulars, as in a numbered list. */
export interface Point {
  readonly title: string
  readonly lines: readonly Statement[]
}

/** What stands below an entry: a line or a block of code. */
export type Detail =
  | { readonly kind: 'line'; readonly text: Rich }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }

/** Something that happened. */
export interface TimelineEntry {
  readonly at: EpochMs
  /** The incident's own time, `14:32`. */
  readonly time: string
  /** Real time since the release was requested, `+17.2 s`. */
  readonly offset: string
  readonly text: Rich
  readonly details: readonly Detail[]
}

/** Phases in the order in which they follow one another. */
export type PhaseId = 'lead-up' | 'detection' | 'investigation' | 'mitigation' | 'recovery' | 'post-incident'

/** A phase with what happened in it. */
export interface Phase {
  readonly id: PhaseId
  readonly title: string
  /** Half open; null when the act never came to this phase. Ranges follow one another and never overlap. */
  readonly range: { readonly from: EpochMs; readonly to: EpochMs } | null
  /** `14:32 to 14:35, +17.2 s to +20 s`, or why there is no range. */
  readonly when: string
  readonly entries: readonly TimelineEntry[]
}

/** A proposed action; owner, day and status are filled in by people. */
export interface ActionItem {
  /** Unique within the document: `A1`. */
  readonly id: string
  readonly action: Rich
  /** The fact that asks for it. */
  readonly because: Rich
}

/** Actions that are due by the same time. */
export interface Horizon {
  readonly title: string
  readonly items: readonly ActionItem[]
}

/** A chart with its caption. */
export interface Figure {
  readonly title: string
  readonly chart: ChartSpec
  readonly caption: Rich
}

/** What was named as the cause, what contributed, and where it could have been caught. */
export interface RootCause {
  readonly immediate: readonly Statement[]
  /** Null when no statement was named. */
  readonly statement: string | null
  readonly plan: readonly string[]
  readonly evidence: readonly Rich[]
  readonly factors: readonly Point[]
  readonly stages: readonly { readonly stage: string; readonly said: Statement }[]
}

/** Which guard would have spoken when. */
export interface GuardComparison {
  readonly intro: Rich
  /** The rules run over this act's own curves. */
  readonly replayed: Table
  /** What really fired, in both acts. */
  readonly fired: Table
  /** Both acts measured side by side; null when there is only one. */
  readonly acts: Table | null
}

/** A whole postmortem, section by section. */
export interface PostmortemModel {
  readonly title: string
  readonly front: readonly Field[]
  readonly about: Rich
  readonly summary: readonly Statement[]
  readonly impact: {
    readonly user: readonly Statement[]
    readonly business: readonly Statement[]
    readonly technical: readonly Statement[]
    readonly services: Table
  }
  readonly timeline: { readonly intro: Rich; readonly phases: readonly Phase[]; readonly attempts: Table | null }
  readonly cause: RootCause
  readonly guards: GuardComparison
  readonly wentWell: readonly Point[]
  readonly wentBadly: readonly Point[]
  readonly actions: { readonly ask: Question; readonly horizons: readonly Horizon[] }
  readonly lessons: { readonly technical: readonly Point[]; readonly process: readonly Point[] }
  readonly supporting: {
    readonly figures: readonly Figure[]
    readonly buckets: readonly { readonly title: string; readonly intro: Rich; readonly table: Table }[]
    readonly related: Question
    readonly references: readonly Statement[]
  }
  readonly feedback: readonly Question[]
  readonly signOffs: { readonly ask: Question; readonly roles: readonly string[] }
  readonly distribution: Question
  readonly confidentiality: Statement
  readonly note: string
}
