import type { IndexFact } from '../events.ts'

/** A node of `EXPLAIN (FORMAT JSON)`, as PostgreSQL writes it. */
export interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly Alias?: string
  readonly 'Index Name'?: string
  readonly 'Sort Key'?: readonly string[]
  readonly Filter?: string
  readonly 'Index Cond'?: string
  readonly 'Hash Cond'?: string
  readonly 'Merge Cond'?: string
  readonly 'Join Filter'?: string
  readonly 'Total Cost': number
  readonly 'Plan Rows': number
  readonly Plans?: readonly PlanNode[]
}

/** Looks into the watched database without running anything of the application: EXPLAIN only, never ANALYZE. */
export interface DatabaseInspector {
  /** The plan now; generic where the text has parameters. Null with the reason when it cannot be planned. */
  explain(
    query: string,
    signal: AbortSignal,
  ): Promise<{ readonly plan: PlanNode | null; readonly reason: string | null }>
  /** All indexes of user tables. */
  indexes(signal: AbortSignal): Promise<readonly (IndexFact & { readonly valid: boolean })[]>
}
