/** From judged queries to the reports that all renderings read. */
import type { PlannedQuery, VariantPlan } from '../plans.ts'
import type { IndexAdvice, PlanReport, UnplannedQuery } from '../result.ts'
import type { WorkloadQuery } from '../snapshot.ts'
import { type Judged, messageOf } from './findings.ts'
import type { ThreePlans } from './judge.ts'
import { estimateRuntime } from './runtime.ts'
import { nameOf, type RowsOf } from './words.ts'

/** What is added to a judged query. */
export interface ReportParts {
  readonly rowsOf: RowsOf
  readonly advice: IndexAdvice | null
  readonly fragility: number | null
  readonly remarks: readonly string[]
}

const errorText = (factor: number): string => `within a factor of ${Math.round(factor * 10) / 10}`

/** The report of a query that could be compared. */
export function reportOf(judged: Judged, parts: ReportParts): PlanReport {
  const { query, comparison, holds, blamedOn } = judged
  const { shown, weighted } = comparison
  const costs = { before: shown.comparison.costBefore, after: shown.comparison.costAfter }
  const runtime = estimateRuntime(query, weighted ?? costs)
  return {
    query: query.text,
    name: query.name,
    fingerprint: query.fingerprint,
    callsPerMinute: query.callsPerMinute,
    change: comparison.kind,
    regressed: comparison.regressed,
    costBefore: costs.before,
    costAfter: costs.after,
    variant: shown.before.variant,
    values: shown.before.values,
    weightedCostBefore: weighted?.before ?? null,
    weightedCostAfter: weighted?.after ?? null,
    estimatedMs: runtime && { before: runtime.before, after: runtime.after, error: errorText(runtime.factor) },
    holds,
    blamedOn: blamedOn && { file: blamedOn.file, line: blamedOn.line, sql: blamedOn.sql },
    fragility: parts.fragility,
    planBefore: shown.before.plan,
    planAfter: shown.after.plan,
    advice: parts.advice,
    remarks: parts.remarks,
    message: messageOf(judged, parts.rowsOf),
  }
}

const costliest = (variants: readonly VariantPlan[]): VariantPlan | undefined =>
  [...variants].sort((a, b) => b.weight - a.weight || b.plan['Total Cost'] - a.plan['Total Cost'])[0]

/** A query that only the new schema can plan: nothing to compare with, so both sides show the one plan, and say so. */
export function onlyAfterReport({ query, before, analysed }: ThreePlans, parts: ReportParts): PlanReport | null {
  const shown = costliest(analysed.variants)
  if (shown === undefined) return null
  const cost = shown.plan['Total Cost']
  const reason = before.unplanned?.reason ?? 'no plan'
  return {
    query: query.text,
    name: query.name,
    fingerprint: query.fingerprint,
    callsPerMinute: query.callsPerMinute,
    change: 'none',
    regressed: false,
    costBefore: cost,
    costAfter: cost,
    variant: shown.variant,
    values: shown.values,
    weightedCostBefore: null,
    weightedCostAfter: null,
    estimatedMs: null,
    holds: 'always',
    blamedOn: null,
    fragility: parts.fragility,
    planBefore: shown.plan,
    planAfter: shown.plan,
    advice: parts.advice,
    remarks: [...parts.remarks, `Not planned before the change (${reason}): both sides show the plan after it.`],
    message: `${nameOf(query)} runs only after the change.`,
  }
}

const reasonOf = ({ unplanned }: PlannedQuery): string =>
  unplanned === null
    ? 'PostgreSQL gave no plan'
    : `${unplanned.reason}${unplanned.sqlState === null ? '' : ` (${unplanned.sqlState})`}`

/** The entry of a query that has no plan, with PostgreSQL's reason and its SQLSTATE. */
export const unplannedOf = (query: WorkloadQuery, planned: PlannedQuery): UnplannedQuery => ({
  query: query.text,
  name: query.name,
  fingerprint: query.fingerprint,
  reason: reasonOf(planned),
})
