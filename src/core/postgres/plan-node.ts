/**
 * A node of `EXPLAIN (FORMAT JSON)`, as PostgreSQL writes it; the names are its own. Fields that are not read anywhere are
 * left out.
 */
export interface PlanNode {
  readonly 'Node Type': string
  readonly 'Parent Relationship'?: string
  readonly 'Subplan Name'?: string
  readonly 'CTE Name'?: string
  readonly Strategy?: string
  readonly 'Partial Mode'?: string
  readonly 'Parallel Aware'?: boolean
  readonly 'Join Type'?: string
  readonly 'Scan Direction'?: string
  readonly Operation?: string
  readonly Schema?: string
  readonly 'Relation Name'?: string
  readonly Alias?: string
  readonly 'Index Name'?: string
  readonly 'Sort Key'?: readonly string[]
  readonly 'Presorted Key'?: readonly string[]
  readonly 'Group Key'?: readonly string[]
  readonly Filter?: string
  readonly 'Index Cond'?: string
  readonly 'Recheck Cond'?: string
  readonly 'Hash Cond'?: string
  readonly 'Merge Cond'?: string
  readonly 'Join Filter'?: string
  readonly 'Subplans Removed'?: number
  readonly 'Workers Planned'?: number
  readonly 'Startup Cost'?: number
  readonly 'Total Cost': number
  readonly 'Plan Rows': number
  readonly 'Plan Width'?: number
  readonly Plans?: readonly PlanNode[]
}
