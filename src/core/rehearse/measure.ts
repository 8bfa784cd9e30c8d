/**
 * What one act came to: from the requests of the traffic's own client, the ledger and the curves.
 *
 * M1 A request is bad when it was meant to be sent after the bad release was requested, and either failed or was dropped
 *    (every operation of the traffic is part of paying), or was answered by the bad release more slowly than the
 *    objective. A slow answer of another release is not: on a busy machine single ones are slow without a cause.
 * M2 Seconds count from the first bad request, by its intended send time; negative when something came before it.
 * M3 Requests from before the act's clock began, its warm-up, are not counted.
 * M4 Counts of payments are those of the client's book and of the reconciliation, as they are on the ledger.
 */
import { type EpochMs, epochMs, seconds } from '../../base/time.ts'
import { type ReleaseId, type ServiceName, share } from '../../base/units.ts'
import type { LedgerEvent } from '../events.ts'
import type { SeriesPoint } from '../watch/samples.ts'
import { byIntendedTime, type ClientWindow, hasFailed, latencySummary, windows } from './client-windows.ts'
import type { RequestOutcome } from './load.ts'
import { type Moments, momentsOf, needed } from './moments.ts'
import { healthyFrom, WINDOW } from './recovery.ts'
import type { ActResult, ErrorBudget } from './result.ts'
import type { Act } from './scenario.ts'

/** The seed's objective for the 95th percentile. */
export const LATENCY_OBJECTIVE_MS = 200
/** "Within the normal range" begins here: ten times the normal 0.1 %, a fifth of the alert's threshold. */
const RECOVERED_ERROR_RATE_PERCENT = 1
const AVAILABILITY_OBJECTIVE_PERCENT = 99.5
const BUDGET_WINDOW_DAYS = 30
/** Fewer requests in a window make no rate. */
const MIN_REQUESTS_FOR_PEAK = 20

/** All that an act left behind. */
export interface MeasureInput {
  readonly act: Act
  readonly environment: string
  /** The service that the bad release belongs to. */
  readonly service: ServiceName
  readonly badRelease: ReleaseId
  /** In any order. */
  readonly outcomes: readonly RequestOutcome[]
  /** Of this act, in the order of the ledger. */
  readonly events: readonly LedgerEvent[]
  readonly series: readonly SeriesPoint[]
}

/**
 * Pure: the same act measures the same.
 * @throws Problem `act-incomplete` when the ledger has no `act.started`, `act.finished`, `traffic.counted` or
 * `reconciliation.finished`.
 */
export function measureAct(input: MeasureInput): ActResult {
  const { act, environment, service, events, series } = input
  const started = needed(events, 'act.started')
  const finished = needed(events, 'act.finished')
  const counted = needed(events, 'traffic.counted').data
  const reconciled = needed(events, 'reconciliation.finished').data
  const outcomes = byIntendedTime(input.outcomes).filter(({ intendedAt }) => intendedAt >= started.at)
  const moments = momentsOf(input)
  const firstBad = outcomes.find((outcome) => isBad(outcome, { ...input, deployedAt: moments.deployedAt }))
  const span = { from: started.at, to: epochMs(outcomes.at(-1)?.intendedAt ?? started.at) }
  return {
    act,
    environment,
    startedAt: started.at,
    finishedAt: finished.at,
    firstBadRequestAt: firstBad?.intendedAt ?? null,
    requests: outcomes.length,
    failedPayments: counted.failedPayments,
    delayedPayments: counted.delayedPayments,
    recoveredPayments: counted.recoveredPayments,
    lostPayments: reconciled.lost,
    doublePayments: reconciled.double,
    ...times({ outcomes, moments, firstBadAt: firstBad?.intendedAt ?? null, end: span.to }),
    peakErrorRatePercent: rounded(peakErrorRate(outcomes, span), 2),
    peakPoolConnections: peakPool(series, service),
    longestQuerySeconds: rounded(highest(series, 'longest_query_seconds'), 3),
    latencyMs: latencySummary(outcomes),
    errorBudget: errorBudget(outcomes, (span.to - span.from) / started.data.paceMs),
    cause: moments.cause,
  }
}

interface BadRelease {
  readonly service: ServiceName
  readonly badRelease: ReleaseId
  readonly deployedAt: EpochMs | null
}

/** M1 */
function isBad(outcome: RequestOutcome, { service, badRelease, deployedAt }: BadRelease): boolean {
  if (deployedAt === null || outcome.intendedAt < deployedAt) return false
  if (hasFailed(outcome)) return true
  return outcome.servedBy === `${service}@${badRelease}` && outcome.latency > LATENCY_OBJECTIVE_MS
}

type Times = Pick<
  ActResult,
  | 'secondsToAlert'
  | 'secondsToCause'
  | 'secondsToRollbackDecision'
  | 'secondsToRecovery'
  | 'secondsFromDecisionToHealthyLatency'
>

interface TimesInput {
  /** Sorted by intended time. */
  readonly outcomes: readonly RequestOutcome[]
  readonly moments: Moments
  readonly firstBadAt: EpochMs | null
  readonly end: EpochMs
}

function times({ outcomes, moments, firstBadAt, end }: TimesInput): Times {
  const { decidedAt } = moments
  const sinceBad = (at: EpochMs | null) => between(firstBadAt, at)
  const healthySince = (from: EpochMs, healthy: (window: ClientWindow) => boolean) =>
    healthyFrom({ outcomes, from, to: end, leftOut: moments.otherRollouts, healthy })
  // While the bad release is still there nothing has recovered, however calm it looks.
  const recoveredAt =
    firstBadAt === null
      ? null
      : healthySince(
          epochMs(Math.max(firstBadAt, decidedAt ?? firstBadAt)),
          (window) => isFast(window) && hasFewErrors(window),
        )
  return {
    secondsToAlert: sinceBad(moments.alertAt),
    secondsToCause: sinceBad(moments.causeAt),
    secondsToRollbackDecision: sinceBad(decidedAt),
    secondsToRecovery: sinceBad(recoveredAt),
    secondsFromDecisionToHealthyLatency:
      decidedAt === null ? null : between(decidedAt, healthySince(decidedAt, isFast)),
  }
}

const isFast = ({ p95 }: ClientWindow) => p95 !== null && p95 <= LATENCY_OBJECTIVE_MS
const hasFewErrors = ({ errorRate }: ClientWindow) => errorRate <= RECOVERED_ERROR_RATE_PERCENT

/** Seconds; null when one of both is not there. */
const between = (from: EpochMs | null, to: EpochMs | null): number | null =>
  from === null || to === null ? null : rounded((to - from) / 1000, 3)

/** Failed and dropped requests in the worst 5 s, in percent; 0 when there were never enough requests. */
function peakErrorRate(
  outcomes: readonly RequestOutcome[],
  span: { readonly from: EpochMs; readonly to: EpochMs },
): number {
  const seen = windows({ outcomes, ...span, length: WINDOW, step: seconds(1) })
  return seen
    .filter(({ requests }) => requests >= MIN_REQUESTS_FOR_PEAK)
    .reduce((peak, { errorRate }) => Math.max(peak, errorRate), 0)
}

/** Connections in use by all releases of the service at the same look; 0 when none was taken. */
function peakPool(series: readonly SeriesPoint[], service: ServiceName): number {
  const points = series.filter((point) => point.metric === 'pool_used' && point.service === service)
  const ofReleases = points.filter(({ release }) => release !== null)
  const looks = new Map<EpochMs, number>()
  for (const { at, value } of ofReleases.length > 0 ? ofReleases : points) looks.set(at, (looks.get(at) ?? 0) + value)
  return [...looks.values()].reduce((peak, used) => Math.max(peak, used), 0)
}

const highest = (series: readonly SeriesPoint[], metric: string): number =>
  series.filter((point) => point.metric === metric).reduce((peak, { value }) => Math.max(peak, value), 0)

/**
 * The share of the window's allowance that the act has used: bad ÷ total × the incident's minutes, over the minutes that
 * the objective allows in the window (216 for 99.5 % of 30 days). Source: Google, The Site Reliability Workbook, chapter 2.
 * @param incidentMinutes the length of the act on the incident's own clock, so that it compares with the record
 */
function errorBudget(outcomes: readonly RequestOutcome[], incidentMinutes: number): ErrorBudget {
  const total = outcomes.length
  const bad = outcomes.filter(hasFailed).length
  const allowedMinutes = BUDGET_WINDOW_DAYS * 24 * 60 * (1 - AVAILABILITY_OBJECTIVE_PERCENT / 100)
  const badMinutes = total === 0 ? 0 : (bad / total) * incidentMinutes
  return {
    objectivePercent: AVAILABILITY_OBJECTIVE_PERCENT,
    windowDays: BUDGET_WINDOW_DAYS,
    indicator: `requests answered without failure, of all that the client wanted to send in ${Math.round(incidentMinutes)} minutes of the incident`,
    good: total - bad,
    total,
    availabilityPercent: total === 0 ? 100 : rounded(share({ part: total - bad, whole: total }), 3),
    usedPercent: rounded(share({ part: badMinutes, whole: allowedMinutes }), 2),
  }
}

function rounded(value: number, digits: number): number {
  const factor = 10 ** digits
  return Math.round(value * factor) / factor
}
