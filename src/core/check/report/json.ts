/** The stable JSON of a check: docs/schema/check-1.json. The same result gives the same bytes, fields in one order. */
import type { Finding } from '../finding.ts'
import type { AppliedStatement } from '../plans.ts'
import type { BrokenQuery, CheckResult, IndexAdvice, PlanReport, RollbackSafety, UnplannedQuery } from '../result.ts'

type Keys<T> = readonly (keyof T & string)[]

/** The named fields first and in this order; those of a newer version behind them, by name. */
function ordered<T extends object>(value: T, keys: Keys<T>): Record<string, unknown> {
  const all = Object.fromEntries(Object.entries(value))
  const known = new Set<string>(keys)
  const rest = Object.keys(all)
    .filter((key) => !known.has(key))
    .sort()
  return Object.fromEntries([...keys, ...rest].filter((key) => key in all).map((key) => [key, all[key]]))
}

const FINDING: Keys<Finding> = ['rule', 'severity', 'file', 'line', 'column', 'message', 'remedy']
const BLAME: Keys<NonNullable<PlanReport['blamedOn']>> = ['file', 'line', 'sql']
const ADVICE: Keys<IndexAdvice> = ['sql', 'why', 'costWithout', 'costWith', 'bytes', 'buildMs', 'writesPerMinute']
const PLAN: Keys<PlanReport> = [
  'query',
  'name',
  'fingerprint',
  'callsPerMinute',
  'change',
  'regressed',
  'message',
  'costBefore',
  'costAfter',
  'variant',
  'values',
  'weightedCostBefore',
  'weightedCostAfter',
  'estimatedMs',
  'holds',
  'blamedOn',
  'fragility',
  'advice',
  'remarks',
  'planBefore',
  'planAfter',
]
const BROKEN: Keys<BrokenQuery> = ['query', 'name', 'fingerprint', 'code', 'schema', 'kind', 'reason', 'blamedOn']
const ROLLBACK: Keys<RollbackSafety> = ['verdict', 'target', 'broken', 'order', 'sequence']
const UNPLANNED: Keys<UnplannedQuery> = ['query', 'name', 'fingerprint', 'reason']
const STATEMENT: Keys<AppliedStatement> = [
  'ordinal',
  'file',
  'line',
  'sql',
  'transaction',
  'locks',
  'work',
  'workOn',
  'estimate',
  'rewritten',
  'created',
  'dropped',
  'invalid',
]
const RESULT: Keys<CheckResult> = [
  'schema',
  'verdict',
  'why',
  'release',
  'files',
  'findings',
  'plans',
  'rollbackSafety',
  'unplanned',
  'migration',
  'unusedIndexes',
  'skipped',
  'missing',
  'checklist',
  'assumptions',
  'timings',
]

const blame = (of: PlanReport['blamedOn']) => (of === null ? null : ordered(of, BLAME))

const planJson = (plan: PlanReport) => ({
  ...ordered(plan, PLAN),
  blamedOn: blame(plan.blamedOn),
  advice: plan.advice === null ? null : ordered(plan.advice, ADVICE),
})

const rollbackJson = (safety: RollbackSafety) => ({
  ...ordered(safety, ROLLBACK),
  broken: safety.broken.map((one) => ({ ...ordered(one, BROKEN), blamedOn: blame(one.blamedOn) })),
})

/** Ends with a newline. */
export function jsonReport(result: CheckResult): string {
  const whole = {
    ...ordered(result, RESULT),
    findings: result.findings.map((one) => ordered(one, FINDING)),
    plans: result.plans.map(planJson),
    rollbackSafety: rollbackJson(result.rollbackSafety),
    unplanned: result.unplanned.map((one) => ordered(one, UNPLANNED)),
    migration: result.migration.map((one) => ordered(one, STATEMENT)),
  }
  return `${JSON.stringify(whole, null, 2)}\n`
}
