/** The result of `premortem check`: the stable JSON. Fields may be added; none is removed or changes its meaning. */
import type { PlanNode } from '../postgres/plan-node.ts'
import type { Finding } from './finding.ts'
import type { AppliedStatement, SkippedObject } from './plans.ts'
import type { MissingPart } from './snapshot.ts'

/** `fail` refuses the change, `warn` lets it pass with something to look at. */
export type CheckVerdict = 'pass' | 'warn' | 'fail'

/** How a plan changed, worst first. */
export type PlanChangeKind =
  | 'index-to-seq-scan'
  | 'index-only-to-index'
  | 'index-changed'
  | 'access-changed'
  | 'join-changed'
  | 'sort-added'
  | 'spill-added'
  | 'parallel-changed'
  | 'cost-only'
  | 'improved'
  | 'none'

/** A proposed index, planned on the phantom before it is proposed. */
export interface IndexAdvice {
  /** CREATE INDEX CONCURRENTLY …, ready to be a migration. */
  readonly sql: string
  readonly why: string
  readonly costWithout: number
  readonly costWith: number
  /** Modelled. */
  readonly bytes: number
  readonly buildMs: { readonly low: number; readonly high: number }
  /** Writes per minute on the table that must keep it up to date; null when nobody counted. */
  readonly writesPerMinute: number | null
}

/** One query whose plan was compared. */
export interface PlanReport {
  readonly query: string
  readonly name: string | null
  readonly fingerprint: string
  readonly callsPerMinute: number | null
  /** The worst change over the variants. */
  readonly change: PlanChangeKind
  readonly regressed: boolean
  /** Of the variant that is shown; planner units. */
  readonly costBefore: number
  readonly costAfter: number
  readonly variant: string
  readonly values: readonly (string | null)[]
  /** Weighted over the custom variants; null when there are none. */
  readonly weightedCostBefore: number | null
  readonly weightedCostAfter: number | null
  /** From production's mean time scaled by cost; null when nobody measured. Milliseconds, with its error. */
  readonly estimatedMs: { readonly before: number; readonly after: number; readonly error: string } | null
  /** `right-after` the migration, or also `after-analyze`. */
  readonly holds: 'right-after' | 'after-analyze' | 'always'
  readonly blamedOn: { readonly file: string; readonly line: number; readonly sql: string } | null
  /** 0 (steady) to 1: share of jittered statistics under which the plan is another one and costs more. Null: not scored. */
  readonly fragility: number | null
  readonly planBefore: PlanNode
  readonly planAfter: PlanNode
  readonly advice: IndexAdvice | null
  readonly remarks: readonly string[]
  readonly message: string
}

/** A query that has no plan, with PostgreSQL's reason. */
export interface UnplannedQuery {
  readonly query: string
  readonly name: string | null
  readonly fingerprint: string
  readonly reason: string
}

/** A query of one release that another release's schema breaks or slows down. */
export interface BrokenQuery {
  readonly query: string
  readonly name: string | null
  readonly fingerprint: string
  /** Whose code it is, and on whose schema it was tried. */
  readonly code: 'old' | 'new'
  readonly schema: 'old' | 'new'
  readonly kind: 'error' | 'regressed'
  readonly reason: string
  readonly blamedOn: { readonly file: string; readonly line: number; readonly sql: string } | null
}

/** Whether one may go back to the release before, once the change is applied. */
export interface RollbackSafety {
  /** `safe`: the old release runs on the new schema; `regressed`: it runs, slower; `unsafe`: statements of it fail. */
  readonly verdict: 'safe' | 'regressed' | 'unsafe' | 'unknown'
  /** The release that one would go back to; null when no name is known. */
  readonly target: string | null
  readonly broken: readonly BrokenQuery[]
  /** Does the new code run before the migration? Decides whether code or schema must come first. */
  readonly order: 'any' | 'schema-first' | 'code-first' | 'split-needed'
  /** Which statements go into which phase, one sentence each. */
  readonly sequence: readonly string[]
}

/** One line of the review checklist, answered. */
export interface ChecklistItem {
  readonly item: string
  readonly answer: 'yes' | 'no' | 'unknown'
  readonly because: string
}

/** See the head of this file. */
export interface CheckResult {
  readonly schema: 'https://premortem.dev/schema/check-1.json'
  readonly verdict: CheckVerdict
  /** Which conditions made the verdict, one sentence each. */
  readonly why: readonly string[]
  readonly release: string | null
  readonly files: readonly string[]
  readonly findings: readonly Finding[]
  /** Regressed and improved ones first, then the rest of the workload. */
  readonly plans: readonly PlanReport[]
  readonly rollbackSafety: RollbackSafety
  readonly unplanned: readonly UnplannedQuery[]
  readonly migration: readonly AppliedStatement[]
  readonly unusedIndexes: readonly {
    readonly index: string
    readonly table: string
    readonly bytes: number
    readonly why: string
  }[]
  readonly skipped: readonly SkippedObject[]
  readonly missing: readonly MissingPart[]
  readonly checklist: readonly ChecklistItem[]
  /** What the result rests on: how old the snapshot is, which migrations were taken as applied. */
  readonly assumptions: readonly string[]
  /** Milliseconds of each part, and in all. */
  readonly timings: Readonly<Record<string, number>>
}
