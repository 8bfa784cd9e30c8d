import type { IndexFact } from '../events.ts'
import type { PlanNode } from '../postgres/plan-node.ts'

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
