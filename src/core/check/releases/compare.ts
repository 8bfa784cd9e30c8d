/** Queries of the same name in two releases: does the new code ask more of the database? */
import { figure } from '../../wording.ts'
import type { Finding } from '../finding.ts'
import type { PlanReport } from '../result.ts'

/** A query that costs so many times what the one before did is told. */
export const COSTLIER_RATIO = 2
/** Planner units: a page read at random costs 4, so less than some dozen of them is felt by nobody. */
export const COSTLIER_LEAST = 100

const byName = (plans: readonly PlanReport[]) =>
  new Map(plans.flatMap((plan) => (plan.name === null ? [] : [[plan.name, plan] as const])))

/** Where a query stands, for the finding. */
export type PlaceOf = (fingerprint: string) => { readonly file: string; readonly line: number } | null

/**
 * The old release's query on the schema before the change, against the new release's query of the same name on the schema
 * after it. A query that did not change is not looked at here: its plan is compared by itself.
 */
export function compareReleases(
  plans: { readonly old: readonly PlanReport[]; readonly new: readonly PlanReport[] },
  placeOf: PlaceOf,
): readonly Finding[] {
  const before = byName(plans.old)
  return plans.new.flatMap((report): readonly Finding[] => {
    const old = report.name === null ? undefined : before.get(report.name)
    if (old === undefined || old.fingerprint === report.fingerprint) return []
    const [from, to] = [old.costBefore, report.costAfter]
    if (to < from * COSTLIER_RATIO || to - from < COSTLIER_LEAST) return []
    const place = placeOf(report.fingerprint)
    const calls = report.callsPerMinute === null ? '' : `, ${figure(report.callsPerMinute)} times a minute`
    const ratio = figure(to / Math.max(from, 1))
    return [
      {
        rule: 'query-costlier',
        severity: 'warning',
        file: place?.file ?? null,
        line: place?.line ?? null,
        column: place === null ? null : 1,
        message: `${report.name} costs ${figure(to)} in the new release and ${figure(from)} in the one before (×${ratio})${calls}.`,
        remedy: 'Look at its plan in the report: limit its rows, or give it the index that the plan lacks.',
      },
    ]
  })
}
