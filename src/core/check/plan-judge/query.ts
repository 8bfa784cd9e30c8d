/** One query before and after: its variants paired, weighed and judged. */
import type { PlannedQuery, VariantPlan } from '../plans.ts'
import type { PlanChangeKind } from '../result.ts'
import { type CompareOptions, comparePlans, costsMore, type PlanComparison } from './compare.ts'

/** One variant before and after. */
export interface ComparedVariant {
  readonly before: VariantPlan
  readonly after: VariantPlan
  readonly comparison: PlanComparison
  /** False for a generic plan that the server would not use, since custom plans are cheaper. */
  readonly counts: boolean
}

/** A query in two states. */
export interface QueryComparison {
  readonly regressed: boolean
  readonly improved: boolean
  /** The worst over the variants that count. */
  readonly kind: PlanChangeKind
  /** The one to show: where most cost is added, or where most calls are. */
  readonly shown: ComparedVariant
  readonly weighted: { readonly before: number; readonly after: number } | null
  /** Planner units that a call costs more, weighted; at least what the worst variant adds by its share of the calls. */
  readonly addedCost: number
}

const WORST_FIRST: readonly PlanChangeKind[] = [
  'index-to-seq-scan',
  'index-only-to-index',
  'index-changed',
  'access-changed',
  'join-changed',
  'sort-added',
  'spill-added',
  'parallel-changed',
  'cost-only',
  'improved',
  'none',
]
/**
 * What plancache.c charges a custom plan for planning is 1000 × cpu_operator_cost × (relations + 1), about 2.5 for each;
 * this is room for three.
 */
const PLANNING_CHARGE = 10

const isGeneric = (variant: VariantPlan): boolean => variant.variant === 'generic'

function weightedCosts(pairs: readonly (readonly [VariantPlan, VariantPlan])[]) {
  const custom = pairs.filter(([before]) => !isGeneric(before) && before.weight > 0)
  const total = custom.reduce((sum, [before]) => sum + before.weight, 0)
  if (total === 0) return null
  const mean = (cost: (pair: readonly [VariantPlan, VariantPlan]) => number) =>
    custom.reduce((sum, pair) => sum + pair[0].weight * cost(pair), 0) / total
  return {
    before: mean(([before]) => before.plan['Total Cost']),
    after: mean(([, after]) => after.plan['Total Cost']),
  }
}

function worst(kinds: readonly PlanChangeKind[]): PlanChangeKind {
  return WORST_FIRST.find((kind) => kinds.includes(kind)) ?? 'none'
}

const addedBy = (one: ComparedVariant): number => one.comparison.costAfter - one.comparison.costBefore

function shownOf(variants: readonly ComparedVariant[]): ComparedVariant | undefined {
  const of = (verdict: PlanComparison['verdict']) =>
    variants.filter((one) => one.counts && one.comparison.verdict === verdict)
  const most = (list: readonly ComparedVariant[], by: (one: ComparedVariant) => number) =>
    [...list].sort((a, b) => by(b) - by(a))[0]
  const byCalls = (list: readonly ComparedVariant[]) => most(list, (one) => one.before.weight)
  return most(of('worse'), addedBy) ?? most(of('better'), (one) => -addedBy(one)) ?? byCalls(variants)
}

/** By name; where no name is common to both, the first ones, so that no planned query is left out. */
function pairsOf(before: readonly VariantPlan[], after: readonly VariantPlan[]) {
  const pairs = before.flatMap((one): readonly (readonly [VariantPlan, VariantPlan])[] => {
    const other = after.find((candidate) => candidate.variant === one.variant)
    return other === undefined ? [] : [[one, other]]
  })
  const [first, other] = [before[0], after[0]]
  return pairs.length > 0 || first === undefined || other === undefined ? pairs : [[first, other] as const]
}

/**
 * Variants are paired by name. The server takes a generic plan only where it is no dearer than the custom plans are on
 * average (choose_custom_plan, plancache.c), so elsewhere a generic plan that got worse does not count. Null when
 * either side has no plan.
 */
export function compareQuery(
  before: PlannedQuery,
  after: PlannedQuery,
  options: CompareOptions = {},
): QueryComparison | null {
  const pairs = pairsOf(before.variants, after.variants)
  const weighted = weightedCosts(pairs)
  const variants = pairs.map(([one, other]): ComparedVariant => {
    const used = weighted === null || other.plan['Total Cost'] <= weighted.after + PLANNING_CHARGE
    return {
      before: one,
      after: other,
      comparison: comparePlans(one.plan, other.plan, options),
      counts: !isGeneric(one) || used,
    }
  })
  const shown = shownOf(variants)
  if (shown === undefined) return null
  const counting = variants.filter((one) => one.counts)
  const changed = counting.some((one) => one.comparison.changes.length > 0)
  const worse = counting.filter((one) => one.comparison.verdict === 'worse')
  const regressed = worse.length > 0 || (weighted !== null && costsMore(weighted, changed))
  const better = counting.some((one) => one.comparison.verdict === 'better')
  const improved = !regressed && better
  const kinds = (worse.length > 0 ? worse : counting).map((one) => one.comparison.kind)
  const kind = improved ? 'improved' : worst(regressed ? kinds.filter((one) => one !== 'improved') : kinds)
  const shares = variants.map((one) => (isGeneric(one.before) ? (weighted ? 0 : 1) : one.before.weight) * addedBy(one))
  const addedCost = Math.max(weighted === null ? 0 : weighted.after - weighted.before, ...shares)
  return { regressed, improved, kind, shown, weighted, addedCost }
}
