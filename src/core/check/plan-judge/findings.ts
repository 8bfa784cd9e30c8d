/** From judged queries to findings: how bad, in which words, and what to do. */
import { figure } from '../../wording.ts'
import { shapeOfIndex } from '../advice/index-shape.ts'
import type { Finding } from '../finding.ts'
import type { AppliedStatement, PlannedQuery } from '../plans.ts'
import type { IndexAdvice, PlanReport } from '../result.ts'
import type { FindingSeverity } from '../severity.ts'
import type { WorkloadQuery } from '../snapshot.ts'
import type { QueryComparison } from './query.ts'
import { estimateRuntime, msOfCost } from './runtime.ts'
import {
  ASSUMED_CALLS_PER_MINUTE,
  ERROR_MS_PER_CALL,
  ERROR_MS_PER_MINUTE,
  WARNING_MS_PER_CALL,
  WARNING_MS_PER_MINUTE,
} from './thresholds.ts'
import { changeText, costText, deedOf, nameOf, type RowsOf, runtimeText } from './words.ts'

/** A query judged, with all that is said about it. */
export interface Judged {
  readonly query: WorkloadQuery
  readonly comparison: QueryComparison
  readonly holds: PlanReport['holds']
  readonly blamedOn: AppliedStatement | null
}

/** Milliseconds of database time that a minute gets more of. */
export function addedMsPerMinute({ query, comparison }: Pick<Judged, 'query' | 'comparison'>): number {
  return msPerCall(query, comparison) * (query.callsPerMinute ?? ASSUMED_CALLS_PER_MINUTE)
}

const costsOf = (comparison: QueryComparison) =>
  comparison.weighted ?? {
    before: comparison.shown.comparison.costBefore,
    after: comparison.shown.comparison.costAfter,
  }

const msPerCall = (query: WorkloadQuery, comparison: QueryComparison): number =>
  msOfCost(query, { added: comparison.addedCost, before: costsOf(comparison).before })

/** By what a minute and what a single call gets more of. */
export function severityOf(judged: Pick<Judged, 'query' | 'comparison'>): FindingSeverity {
  const [perMinute, perCall] = [addedMsPerMinute(judged), msPerCall(judged.query, judged.comparison)]
  if (perMinute >= ERROR_MS_PER_MINUTE || perCall >= ERROR_MS_PER_CALL) return 'error'
  return perMinute >= WARNING_MS_PER_MINUTE || perCall >= WARNING_MS_PER_CALL ? 'warning' : 'note'
}

/** The sentences of a compared query, as they stand in its report and in its finding. */
export function messageOf(judged: Judged, rowsOf: RowsOf): string {
  const { query, comparison, holds, blamedOn } = judged
  const { shown } = comparison
  if (!comparison.regressed && !comparison.improved) return `${nameOf(query)} keeps its plan or costs about the same.`
  const change = shown.comparison.changes[0]
  const subject =
    change === undefined
      ? `${nameOf(query)} keeps its plan, and is expected to do another amount of work`
      : `${nameOf(query)} ${changeText(change, shown, rowsOf)}`
  const runtime = estimateRuntime(query, costsOf(comparison))
  const { costBefore, costAfter } = shown.comparison
  const time = runtime === null ? '' : `, ${runtimeText(runtime)}`
  const variant = shown.before.variant
  const values =
    comparison.weighted === null ? '' : variant === 'generic' ? ' for any values' : ` for the ${variant} values`
  const since = blamedOn === null ? '' : ` Since ${blamedOn.file}:${blamedOn.line}, which ${deedOf(blamedOn)}.`
  const until = holds === 'right-after' ? ' It holds until ANALYZE has run.' : ''
  const costs = costText({ before: costBefore, after: costAfter })
  return `${subject}. ${costs}${values}${time}.${since}${until}`
}

const lastName = (qualified: string): string => qualified.slice(qualified.lastIndexOf('.') + 1)

/** Is it that index which a CREATE INDEX would make? */
const namesIndex = (sql: string, name: string): boolean => shapeOfIndex(sql)?.name === name

function remedyOf({ holds, blamedOn }: Judged, advice: IndexAdvice | null): string {
  const create = advice === null ? null : `${advice.sql};`
  if (holds === 'right-after') {
    const table = blamedOn?.workOn ?? blamedOn?.locks[0]?.relation
    const analyse = table === undefined ? 'ANALYZE' : `ANALYZE ${table}`
    return `Put \`${analyse}\` behind the statement, in the same migration: new columns, types and expressions have no statistics until then.`
  }
  if (blamedOn !== null && /^\s*drop\s+index/i.test(blamedOn.sql)) {
    const kept = blamedOn.dropped.map(lastName).join(' and ')
    const another = advice !== null && !blamedOn.dropped.some((name) => namesIndex(advice.sql, lastName(name)))
    const instead = !another ? '' : ` Where it must go, build its replacement first: ${create}`
    return `Keep ${kept}: drop it only when no query needs it any more.${instead}`
  }
  if (create !== null) return `Create an index before this change: ${create}`
  return 'Change the query or the statement so that the plan of before stays possible; the two plans are in the report.'
}

/** The finding of a query that regressed. */
export function regressionFinding(
  judged: Judged,
  more: { readonly rowsOf: RowsOf; readonly advice: IndexAdvice | null },
): Finding {
  const { blamedOn, holds, query } = judged
  const uncounted = query.callsPerMinute === null ? ' Nobody counted its calls: weighed as one a minute.' : ''
  return {
    rule: holds === 'right-after' ? 'plan-until-analyze' : 'plan-regression',
    severity: severityOf(judged),
    file: blamedOn?.file ?? null,
    line: blamedOn?.line ?? null,
    column: null,
    message: `${messageOf(judged, more.rowsOf)}${uncounted}`,
    remedy: remedyOf(judged, more.advice),
  }
}

/** The finding of a query that PostgreSQL planned before the change and refuses after it. */
export function brokenFinding(planned: PlannedQuery, blamedOn: AppliedStatement | null): Finding {
  const { query, unplanned } = planned
  const code = unplanned?.sqlState ? ` (${unplanned.sqlState})` : ''
  const since = blamedOn === null ? '' : ` Since ${blamedOn.file}:${blamedOn.line}, which ${deedOf(blamedOn)}.`
  return {
    rule: 'query-broken',
    severity: 'error',
    file: blamedOn?.file ?? null,
    line: blamedOn?.line ?? null,
    column: null,
    message: `${nameOf(query)} fails after the change: ${unplanned?.reason ?? 'it cannot be planned'}${code}.${since}`,
    remedy:
      'Release code without this query first, and make the change after it; or keep what the query names until then.',
  }
}

/** The finding of a plan that statistics of the same table, sampled anew, could flip. */
export function fragileFinding(of: {
  readonly query: WorkloadQuery
  readonly score: number
  readonly isNew: boolean
  readonly seeds: number
  readonly cost: number
  readonly where: string
}): Finding {
  const { query, score, isNew, seeds, where } = of
  const flips = Math.round(score * seeds)
  const since = isNew ? ' It was steady before the change.' : ' It was so before the change, too.'
  return {
    rule: 'plan-fragile',
    severity: isNew ? 'warning' : 'note',
    file: null,
    line: null,
    column: null,
    message: `${nameOf(query)} has a plan that could flip by itself: in ${flips} of ${seeds} samples that ANALYZE could draw it is another one, with another cost (now ${figure(of.cost)}). ${where}.${since}`,
    remedy:
      'Give ANALYZE a larger sample (ALTER TABLE … ALTER COLUMN … SET STATISTICS 1000), or an index that is best either way.',
  }
}
