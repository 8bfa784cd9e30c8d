/** From cost to time: production's mean time, scaled by how the planner's cost changed, with the error of that. */
import type { WorkloadQuery } from '../snapshot.ts'
import { ASSUMED_MS_PER_UNIT } from './thresholds.ts'

/** What a call takes, and how far off that may be. */
export interface RuntimeEstimate {
  readonly before: number
  readonly after: number
  /** The true time is expected between `after / factor` and `after × factor`. At least 1. */
  readonly factor: number
}

/** A cost that hardly changes is off by this much; see docs/check-plans.md for what was measured. */
const BASE_FACTOR = 1.5
/** By how much the error grows with each power of ten between the costs. */
const FACTOR_PER_DECADE = 1.5
const MAX_FACTOR = 10

/** The error grows with the distance: the further apart two plans are, the less they have in common. */
export function errorFactor(ratio: number): number {
  const decades = Math.abs(Math.log10(Math.max(ratio, Number.MIN_VALUE)))
  return Math.min(MAX_FACTOR, BASE_FACTOR * FACTOR_PER_DECADE ** decades)
}

/** Null when nobody measured the query, or when there is no cost to scale by. */
export function estimateRuntime(
  query: WorkloadQuery,
  costs: { readonly before: number; readonly after: number },
): RuntimeEstimate | null {
  if (query.meanMs === null || costs.before <= 0) return null
  const ratio = costs.after / costs.before
  return { before: query.meanMs, after: query.meanMs * ratio, factor: errorFactor(ratio) }
}

/** Milliseconds that so much cost takes, by the query's own pace or by the assumed one. */
export function msOfCost(query: WorkloadQuery, costs: { readonly added: number; readonly before: number }): number {
  if (query.meanMs === null || costs.before <= 0) return costs.added * ASSUMED_MS_PER_UNIT
  return (query.meanMs / costs.before) * costs.added
}
