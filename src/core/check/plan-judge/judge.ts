/**
 * Plans a workload before, right after and well after a change, and says which queries get worse, since which statement.
 * The same statistics stand on both sides, so growth of tables plays no part.
 */

import { type Catalogue, catalogueOf, type KnownShape } from '../advice/catalogue.ts'
import { sameIndexKey } from '../advice/index-shape.ts'
import type { AppliedStatement, PlannedQuery } from '../plans.ts'
import type { Phantom } from '../ports.ts'
import type { Snapshot, WorkloadQuery } from '../snapshot.ts'
import { blame, type Suspect, stateAfter } from './blame.ts'
import { type CompareOptions, comparePlans } from './compare.ts'
import type { Judged } from './findings.ts'
import { compareQuery, type QueryComparison } from './query.ts'
import { memoryOf } from './spill.ts'
import type { IndexKeyOf } from './tree.ts'

/** A query with its plans in the three states. */
export interface ThreePlans {
  readonly query: WorkloadQuery
  readonly before: PlannedQuery
  readonly rightAfter: PlannedQuery
  readonly analysed: PlannedQuery
}

/** A query that was planned before and fails after. */
export interface Broken {
  readonly planned: PlannedQuery
  readonly blamedOn: AppliedStatement | null
}

/** What judging finds out before advice and fragility. */
export interface Judgement {
  readonly judged: readonly Judged[]
  readonly broken: readonly Broken[]
  /** Planned after the change only: with the reason of before. */
  readonly onlyAfter: readonly ThreePlans[]
  /** Planned in no state. */
  readonly never: readonly ThreePlans[]
  /** Plans after the change and ANALYZE of all that could be planned then. */
  readonly planned: ReadonlyMap<WorkloadQuery, PlannedQuery>
  readonly catalogue: Catalogue
}

const isPlanned = (planned: PlannedQuery): boolean => planned.unplanned === null && planned.variants.length > 0

async function planStates(
  phantom: Phantom,
  workload: readonly WorkloadQuery[],
  signal: AbortSignal,
): Promise<readonly ThreePlans[]> {
  const all = phantom.applied.length
  const states = [stateAfter(0, false), stateAfter(all, false), stateAfter(all, true)]
  const [before = [], rightAfter = [], analysed = []] = await phantom.planAll(
    workload,
    all === 0 ? states.slice(0, 1) : states,
    signal,
  )
  return workload.flatMap((query, at) => {
    const first = before[at]
    if (first === undefined) return []
    return [{ query, before: first, rightAfter: rightAfter[at] ?? first, analysed: analysed[at] ?? first }]
  })
}

const keyOf =
  (indexes: ReadonlyMap<string, KnownShape>): IndexKeyOf =>
  (name) => {
    const known = indexes.get(name)
    return known === undefined ? name : sameIndexKey(known.shape)
  }

/** An index that was renamed keeps its key; one that was built again under its name, with other columns, does not. */
export function compareOptions(snapshot: Snapshot, catalogue: Catalogue): CompareOptions {
  return {
    memory: memoryOf(snapshot.settings),
    indexKeys: { before: keyOf(catalogue.before), after: keyOf(catalogue.after) },
  }
}

/** Which of the two states after the change the report shows, and how long what it shows holds. */
function holding(
  rightAfter: QueryComparison,
  analysed: QueryComparison,
): { readonly comparison: QueryComparison; readonly holds: Judged['holds'] } {
  if (rightAfter.regressed && !analysed.regressed) return { comparison: rightAfter, holds: 'right-after' }
  if (analysed.regressed && !rightAfter.regressed) return { comparison: analysed, holds: 'after-analyze' }
  return { comparison: analysed, holds: 'always' }
}

interface Case {
  readonly plans: ThreePlans
  readonly found: ReturnType<typeof holding> | null
  readonly suspect: Suspect | null
}

function caseOf(plans: ThreePlans, options: CompareOptions): Case {
  const { query, before, rightAfter, analysed } = plans
  const [now, later] = [compareQuery(before, rightAfter, options), compareQuery(before, analysed, options)]
  if (now === null || later === null) {
    const lost = isPlanned(before) && !isPlanned(analysed)
    return { plans, found: null, suspect: lost ? { query, analysed: true, isBad: (one) => !isPlanned(one) } : null }
  }
  const found = holding(now, later)
  if (!found.comparison.regressed) return { plans, found, suspect: null }
  const late = found.holds === 'after-analyze'
  const isBad = badnessOf(before, late ? later : now, options)
  return { plans, found, suspect: { query, analysed: late, isBad } }
}

/** In between, the variant that got worst tells; where only the mean got worse, the mean does. */
function badnessOf(before: PlannedQuery, after: QueryComparison, options: CompareOptions): Suspect['isBad'] {
  const { before: variant, comparison } = after.shown
  if (comparison.verdict !== 'worse') return (planned) => compareQuery(before, planned, options)?.regressed !== false
  return (planned) => {
    const same = planned.variants.find((one) => one.variant === variant.variant)
    return same === undefined || comparePlans(variant.plan, same.plan, options).verdict === 'worse'
  }
}

/**
 * Compares the workload's plans and blames each regression on a statement. Statements that a failing change did not reach are
 * left out: what was applied is judged.
 */
export async function judgeWorkload(request: {
  readonly phantom: Phantom
  readonly snapshot: Snapshot
  readonly workload: readonly WorkloadQuery[]
  readonly earlier: readonly AppliedStatement[]
  readonly signal: AbortSignal
}): Promise<Judgement> {
  const { phantom, snapshot, workload, earlier, signal } = request
  const catalogue = catalogueOf(snapshot, phantom.applied, earlier)
  const options = compareOptions(snapshot, catalogue)
  const cases = (await planStates(phantom, workload, signal)).map((plans) => caseOf(plans, options))
  const suspects = cases.flatMap((one) => one.suspect ?? [])
  const blamed = await blame(phantom, suspects, signal)
  const guilty = (one: Case) => (one.suspect === null ? null : (blamed.get(one.suspect) ?? null))
  const judged = cases.flatMap((one) =>
    one.found === null ? [] : [{ query: one.plans.query, ...one.found, blamedOn: guilty(one) }],
  )
  const unfound = cases.filter((one) => one.found === null)
  const plansWhere = (before: boolean, after: boolean) =>
    unfound.filter(({ plans }) => isPlanned(plans.before) === before && isPlanned(plans.analysed) === after)
  const planned = cases.map(({ plans }) => [plans.query, plans.analysed] as const)
  return {
    judged,
    planned: new Map(planned.filter(([, one]) => isPlanned(one))),
    broken: plansWhere(true, false).map((one) => ({ planned: one.plans.analysed, blamedOn: guilty(one) })),
    onlyAfter: plansWhere(false, true).map((one) => one.plans),
    never: plansWhere(false, false).map((one) => one.plans),
    catalogue,
  }
}
