/** Plans of the workload, before and after a change. */
import type { PlanNode } from '../postgres/plan-node.ts'
import type { LockMode, Work } from './finding.ts'
import type { WorkloadQuery } from './snapshot.ts'

/**
 * A state of the schema: production's own, with the first `statements` statements of the change applied.
 * `analysed`: as it will be once ANALYZE has looked at what is new; false: right after the migration.
 * `extra`: further DDL on top, such as the candidates of index advice.
 */
export interface SchemaState {
  readonly statements: number
  readonly analysed: boolean
  readonly extra: readonly string[]
  /** Multiplies statistics within the sampling error of ANALYZE; null: as they are. */
  readonly jitter: { readonly seed: number } | null
}

/** A plan with the values that it was made for. */
export interface VariantPlan {
  /** `generic`, or what the values are: `common 1`, `rare`, `median`, `low end`, `high end`. */
  readonly variant: string
  /** One a parameter, as text; empty for the generic plan. Made-up ones where the snapshot was remapped. */
  readonly values: readonly (string | null)[]
  /** Share of the calls that it stands for, 0 to 1; the custom variants of a query add up to 1, the generic one has 0. */
  readonly weight: number
  readonly plan: PlanNode
}

/** A query with its plans in one state, or the reason why it has none. */
export interface PlannedQuery {
  readonly query: WorkloadQuery
  readonly variants: readonly VariantPlan[]
  /** PostgreSQL's words, with SQLSTATE; null when it was planned. */
  readonly unplanned: { readonly reason: string; readonly sqlState: string | null } | null
  /** Warnings such as "uses extended statistics that cannot be restored on the phantom". */
  readonly remarks: readonly string[]
}

/** A lock that a statement really took on something that was there before it. */
export interface TakenLock {
  /** Schema-qualified unless in `public`. */
  readonly relation: string
  readonly mode: LockMode
}

/** One statement of the change, as it really ran on the phantom. */
export interface AppliedStatement {
  /** 0 for the first; `SchemaState.statements` counts those applied. */
  readonly ordinal: number
  readonly file: string
  readonly line: number
  readonly sql: string
  readonly locks: readonly TakenLock[]
  /** Tables and indexes that got new files. */
  readonly rewritten: readonly string[]
  readonly created: readonly string[]
  readonly dropped: readonly string[]
  /** Indexes that are there and not valid after it. */
  readonly invalid: readonly string[]
  /** Numbers the transactions of the change, from 0: statements with the same number hold their locks together. */
  readonly transaction: number
  readonly work: Work
  /** On which table the work is done; null for none. */
  readonly workOn: string | null
  /** At production's size, once the locks are there. */
  readonly estimate: { readonly lowMs: number; readonly highMs: number; readonly basis: string }
}

/** Something of the snapshot or the change that could not be made, with what depends on it. */
export interface SkippedObject {
  readonly object: string
  readonly reason: string
}

/** A change that failed on the phantom. */
export interface ApplyFailure {
  readonly file: string
  readonly line: number
  readonly message: string
  readonly sqlState: string | null
}

/** A query that was run (and undone) in two states with the same values. */
export interface RunCheck {
  readonly query: WorkloadQuery
  /** Null: it ran. */
  readonly error: { readonly message: string; readonly sqlState: string | null } | null
}
