/**
 * Plans that hang by a thread. ANALYZE draws a sample; another sample gives slightly other statistics, and sometimes another
 * plan. Each seed is one such sample: a plan is fragile when many of them flip it to one of quite another cost.
 */
import type { PlannedQuery, SchemaState } from '../plans.ts'
import type { Phantom } from '../ports.ts'
import type { WorkloadQuery } from '../snapshot.ts'
import { stateAfter } from './blame.ts'
import { type CompareOptions, comparePlans } from './compare.ts'
import {
  ASSUMED_CALLS_PER_MINUTE,
  FRAGILE_COST_FACTOR,
  FRAGILE_COST_FLOOR,
  FRAGILE_ROWS_FACTOR,
  FRAGILE_SHARE,
  FRAGILITY_SEEDS,
  MAX_FRAGILITY_QUERIES,
} from './thresholds.ts'
import { readTree } from './tree.ts'

/** How a query fared under jittered statistics. */
export interface Fragility {
  readonly query: WorkloadQuery
  /** Share of the seeds, 0 to 1, under which the plan is another one with quite another cost. */
  readonly score: number
  /** The same before the change; null when it was not looked at, because the score is low. */
  readonly scoreBefore: number | null
  /** What flips, such as `p: Seq Scan instead of Index Scan using p_status`; empty when nothing does. */
  readonly where: string
  readonly cost: number
}

interface Flip {
  readonly where: string
}

const apart = (a: number, b: number, factor: number): boolean => Math.max(a, b) >= Math.max(Math.min(a, b), 1) * factor

/** Rows expected of the same table by the two plans. */
function rowsApart(plan: PlannedQuery['variants'][number]['plan'], other: typeof plan): boolean {
  const [left, right] = [readTree(plan).accesses, readTree(other).accesses]
  return [...left].some(([alias, access]) => {
    const there = right.get(alias)
    const rows = (of: typeof access) => [...of.ways.values()].reduce((sum, way) => sum + way.node['Plan Rows'], 0)
    return there !== undefined && apart(rows(access), rows(there), FRAGILE_ROWS_FACTOR)
  })
}

function flipOf(steady: PlannedQuery, jittered: PlannedQuery, options: CompareOptions): Flip | null {
  for (const one of steady.variants) {
    const other = jittered.variants.find((candidate) => candidate.variant === one.variant)
    if (other === undefined) continue
    const { changes, costBefore, costAfter } = comparePlans(one.plan, other.plan, options)
    const change = changes.find((found) => found.kind !== 'parallel-changed' && found.kind !== 'spill-added')
    if (change === undefined || Math.max(costBefore, costAfter) < FRAGILE_COST_FLOOR) continue
    if (apart(costBefore, costAfter, FRAGILE_COST_FACTOR) || rowsApart(one.plan, other.plan))
      return { where: change.where === '' ? change.what : `${change.where}: ${change.what}` }
  }
  return null
}

/** Of the variants, the one with the highest cost. */
const costOf = (planned: PlannedQuery): number =>
  Math.max(0, ...planned.variants.map((variant) => variant.plan['Total Cost']))

const loadOf = (planned: PlannedQuery): number =>
  costOf(planned) * (planned.query.callsPerMinute ?? ASSUMED_CALLS_PER_MINUTE)

interface Scored {
  readonly planned: PlannedQuery
  readonly flips: readonly (Flip | null)[]
}

const scoreOf = (scored: Scored): number =>
  scored.flips.length === 0 ? 0 : scored.flips.filter((flip) => flip !== null).length / scored.flips.length

/** Plans the queries under every seed; `base` is the state that is shaken. */
async function shake(
  request: FragilityRequest,
  on: { readonly base: SchemaState; readonly steady: readonly PlannedQuery[] },
): Promise<readonly Scored[]> {
  const seeds = Array.from({ length: FRAGILITY_SEEDS }, (_, at) => at + 1)
  const states = seeds.map((seed): SchemaState => ({ ...on.base, jitter: { seed } }))
  const queries = on.steady.map((planned) => planned.query)
  const all = queries.length === 0 ? [] : await request.phantom.planAll(queries, states, request.signal)
  return on.steady.map((planned, at) => ({
    planned,
    flips: all.flatMap((row) => {
      const jittered = row[at]
      return jittered === undefined ? [] : [flipOf(planned, jittered, request.options)]
    }),
  }))
}

interface FragilityRequest {
  readonly phantom: Phantom
  /** After the change and ANALYZE. */
  readonly planned: readonly PlannedQuery[]
  readonly options: CompareOptions
  readonly signal: AbortSignal
}

/**
 * Scores the costliest queries of the workload (calls × cost, at most MAX_FRAGILITY_QUERIES) on the schema after the change;
 * those that turn out fragile on the schema before it too, to tell which are new. Keyed by the query.
 */
export async function scoreFragility(request: FragilityRequest): Promise<ReadonlyMap<WorkloadQuery, Fragility>> {
  const { phantom, planned, signal } = request
  const after = stateAfter(phantom.applied.length, true)
  const steady = planned
    .filter((one) => costOf(one) > 0)
    .sort((a, b) => loadOf(b) - loadOf(a))
    .slice(0, MAX_FRAGILITY_QUERIES)
  const scored = await shake(request, { base: after, steady })
  const fragile = scored.filter((one) => scoreOf(one) >= FRAGILE_SHARE).map((one) => one.planned.query)
  const base = stateAfter(0, false)
  const before = fragile.length === 0 ? [] : await phantom.plan(fragile, base, signal)
  const earlier = new Map(
    (await shake(request, { base, steady: before })).map((one) => [one.planned.query, scoreOf(one)]),
  )
  return new Map(
    scored.map((one) => {
      const { query } = one.planned
      const where = one.flips.find((flip) => flip !== null)?.where ?? ''
      const scoreBefore = earlier.get(query) ?? null
      return [query, { query, score: scoreOf(one), scoreBefore, where, cost: costOf(one.planned) }]
    }),
  )
}
