/** What a drill must show, as checks with a limit and what was measured. */
import { LATENCY_OBJECTIVE_MS } from './measure.ts'
import type { ActResult, DrillCause, DrillCheck, NumberCheck } from './result.ts'

const MAX_FAILED_SHARE = 1 / 20
const MAX_SECONDS_TO_DECISION = 15
const MAX_SECONDS_ALERT_TO_CAUSE = 10
const MAX_SECONDS_TO_HEALTHY_LATENCY = 10

/** Both acts, and the truth about the cause. */
export interface NumbersInput {
  readonly unguarded: ActResult
  readonly guarded: ActResult
  /** What the cause really is, as far as the scenario says; a field that is left out is not compared. */
  readonly expectedCause: Partial<DrillCause>
  readonly check: DrillCheck
}

/** All checks, in the order of the incident. */
export function drillNumbers({ unguarded, guarded, expectedCause, check }: NumbersInput): readonly NumberCheck[] {
  return [
    refusedBefore(check, expectedCause),
    failedPayments(unguarded, guarded),
    within(
      'first bad request to rollback decision, guarded',
      MAX_SECONDS_TO_DECISION,
      guarded.secondsToRollbackDecision,
    ),
    within('first alert to cause, guarded', MAX_SECONDS_ALERT_TO_CAUSE, alertToCause(guarded)),
    causeIsRight(guarded.cause, expectedCause),
    within(
      `rollback decision to p95 under ${LATENCY_OBJECTIVE_MS} ms, guarded`,
      MAX_SECONDS_TO_HEALTHY_LATENCY,
      guarded.secondsFromDecisionToHealthyLatency,
    ),
    ...[unguarded, guarded].flatMap((act) => [
      none(`payments lost, ${act.act}`, act.lostPayments),
      none(`payments made twice, ${act.act}`, act.doublePayments),
    ]),
  ]
}

/** Refused, and for the line that the cause stands on. */
function refusedBefore(check: DrillCheck, cause: Partial<DrillCause>): NumberCheck {
  const place = check.file === null ? '' : ` at ${check.file}:${check.line}`
  const right =
    check.file?.endsWith(cause.migrationFile ?? '') === true && check.line === (cause.migrationLine ?? check.line)
  return {
    name: 'check refuses the release, at the line that is to blame',
    limit: 'fail',
    measured: `${check.verdict}${place}`,
    met: check.verdict === 'fail' && right,
  }
}

/** Without a failure in act 1 there was no incident, and nothing is shown by a quiet act 2. */
function failedPayments(unguarded: ActResult, guarded: ActResult): NumberCheck {
  const [before, after] = [unguarded.failedPayments, guarded.failedPayments]
  return {
    name: 'failed payments, guarded against unguarded',
    limit: '≤ 1/20',
    measured: before === 0 ? `${after} against 0: the incident did not happen` : `${after} against ${before}`,
    met: before > 0 && after <= before * MAX_FAILED_SHARE,
  }
}

const alertToCause = ({ secondsToAlert, secondsToCause }: ActResult): number | null =>
  secondsToAlert === null || secondsToCause === null ? null : secondsToCause - secondsToAlert

const within = (name: string, limit: number, measured: number | null): NumberCheck => ({
  name,
  limit: `≤ ${limit} s`,
  measured: measured === null ? 'never' : `${measured.toFixed(1)} s`,
  met: measured !== null && measured <= limit,
})

const none = (name: string, measured: number): NumberCheck => ({
  name,
  limit: '0',
  measured: String(measured),
  met: measured === 0,
})

const CAUSE_FIELDS = ['release', 'index', 'migrationFile', 'migrationLine', 'statement'] as const

/** Short enough for a table: what fits is one word, what does not is told field by field. */
function causeIsRight(cause: DrillCause | null, expected: Partial<DrillCause>): NumberCheck {
  const compared = CAUSE_FIELDS.filter((field) => expected[field] !== undefined)
  const wrong = compared.filter((field) => cause?.[field] !== expected[field])
  const differences = wrong.map((field) => `${field} ${cause?.[field] ?? 'unknown'} instead of ${expected[field]}`)
  const right = compared.map((field) => LABELS[field])
  return {
    name: 'cause named correctly, guarded',
    limit: `all ${compared.length}`,
    measured: cause === null ? 'none named' : wrong.length === 0 ? right.join(', ') : differences.join(', '),
    met: cause !== null && wrong.length === 0,
  }
}

const LABELS: Readonly<Record<(typeof CAUSE_FIELDS)[number], string>> = {
  release: 'release',
  index: 'index',
  migrationFile: 'file',
  migrationLine: 'line',
  statement: 'statement',
}
