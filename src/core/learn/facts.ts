/** What one act comes to: the events that its document is built on, found once. */
import { type EpochMs, epochMs, plus, seconds } from '../../base/time.ts'
import { type ReleaseId, type ServiceName, serviceName } from '../../base/units.ts'
import type { FactType, LedgerEvent } from '../events.ts'
import type { SeriesPoint } from '../watch/samples.ts'
import { type Curve, combined, ofMetric, toCurves, type Window } from './curves.ts'
import { worthTelling } from './describe.ts'
import type { ActMeasured, IncidentClock } from './inputs.ts'

/** Everything that is known of one act: its counted result, its ledger, its curves and its clock. */
export interface ActInput {
  readonly result: ActMeasured
  readonly events: readonly LedgerEvent[]
  readonly series: readonly SeriesPoint[]
  readonly clock: IncidentClock
}

/** An event of one type. */
export type EventOf<T extends FactType> = Extract<LedgerEvent, { type: T }>

/** The events of one type, in the order given. */
export function ofType<T extends FactType>(events: readonly LedgerEvent[], type: T): readonly EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type)
}

/** The curves of an act that its document speaks of; null for what was not measured. */
export interface ActCurves {
  readonly all: readonly Curve[]
  /** Percent of requests that failed, as the clients saw it; from the service's own count where no client counted. */
  readonly errorRate: Curve | null
  /** 95th percentile in milliseconds, as the clients saw it. */
  readonly latency: Curve | null
  readonly requests: Curve | null
  readonly poolUsed: Curve | null
  readonly poolMax: Curve | null
  readonly poolPending: Curve | null
  readonly poolUtilisation: Curve | null
  /** Per release. */
  readonly databaseMs: readonly Curve[]
  readonly longestQuery: Curve | null
}

/** The events and moments of an act; null for what did not happen. */
export interface ActFacts {
  /** First letter of its footnotes: `e` for the act that the document is about, `u` or `g` for the other one. */
  readonly mark: 'e' | 'u' | 'g'
  readonly clock: IncidentClock
  readonly result: ActMeasured
  readonly events: readonly LedgerEvent[]
  readonly curves: ActCurves
  readonly service: ServiceName
  /** The release that the document is about: the one that was rolled back or named as cause, else the first. */
  readonly release: ReleaseId | null
  readonly deploy: EventOf<'release.requested'> | null
  /** Zero of all offsets: when the release was requested. */
  readonly zero: EpochMs
  /** When the act's clock started, or what is told of it, if that was earlier: what was only noted before is no part of it. */
  readonly start: EpochMs
  readonly end: EpochMs
  readonly firstBadAt: EpochMs | null
  readonly recoveredAt: EpochMs | null
  readonly alert: EventOf<'alert.fired'> | null
  readonly opened: EventOf<'incident.opened'> | null
  readonly acknowledged: EventOf<'incident.acknowledged'> | null
  readonly resolved: EventOf<'incident.resolved'> | null
  /** What ended it: the resolution; where no incident was opened, the end of the last alert. Null while something is open. */
  readonly closed: EventOf<'incident.resolved'> | EventOf<'alert.resolved'> | null
  readonly decision: EventOf<'release.rollback-decided'> | EventOf<'release.abort-requested'> | null
  readonly rolledBack: EventOf<'release.rolled-back'> | null
  readonly cause: EventOf<'cause.named'> | null
  readonly rootFinding: EventOf<'finding.made'> | null
  readonly reconciliation: EventOf<'reconciliation.finished'> | null
}

const first = <T>(list: readonly T[]): T | null => list[0] ?? null
const last = <T>(list: readonly T[]): T | null => list[list.length - 1] ?? null

/** The clearest naming: the first with the highest score among those that name something. */
function clearestCause(events: readonly LedgerEvent[]): EventOf<'cause.named'> | null {
  const named = ofType(events, 'cause.named').filter((event) => event.data.kind !== 'unknown')
  return named.reduce<EventOf<'cause.named'> | null>(
    (best, event) => (best === null || event.data.score > best.data.score ? event : best),
    null,
  )
}

function curvesOf(series: readonly SeriesPoint[], service: ServiceName): ActCurves {
  const all = toCurves(series)
  const own = (metric: string) => ofMetric(all, metric, service)
  const client = (metric: string) => first(ofMetric(all, metric))
  return {
    all,
    errorRate: client('client_error_rate_percent') ?? combined(own('error_rate_percent'), 'max'),
    latency: client('client_latency_p95_ms') ?? combined(own('latency_p95_ms'), 'max'),
    requests: client('client_requests') ?? combined(own('request_rate'), 'sum'),
    poolUsed: combined(own('pool_used'), 'sum'),
    poolMax: combined(own('pool_max'), 'sum'),
    poolPending: combined(own('pool_pending'), 'sum'),
    poolUtilisation: combined(own('pool_utilisation_percent'), 'max'),
    databaseMs: own('database_ms_per_request'),
    longestQuery: combined(ofMetric(all, 'longest_query_seconds'), 'max'),
  }
}

/** The end of the last alert, when none has been left firing. */
function lastAlertsEnd(events: readonly LedgerEvent[]): EventOf<'alert.resolved'> | null {
  const firing = new Set<string>()
  for (const event of events) {
    if (event.type === 'alert.fired') firing.add(event.data.rule)
    if (event.type === 'alert.resolved') firing.delete(event.data.rule)
  }
  return firing.size > 0 ? null : last(ofType(events, 'alert.resolved'))
}

/** Finds the events that matter. Pure; events are put into order by time, then by number. */
export function factsOf(input: ActInput, mark: ActFacts['mark']): ActFacts {
  const { result, clock } = input
  const events = [...input.events].sort((a, b) => a.at - b.at || a.sequence - b.sequence)
  const requested = ofType(events, 'release.requested')
  const decision = first(
    events.filter(
      (event): event is EventOf<'release.rollback-decided'> | EventOf<'release.abort-requested'> =>
        event.type === 'release.rollback-decided' || event.type === 'release.abort-requested',
    ),
  )
  const cause = clearestCause(events)
  const release = decision?.data.release ?? cause?.data.release ?? requested[0]?.data.release ?? null
  const deploy = requested.find((event) => event.data.release === release) ?? first(requested)
  const service = deploy?.service ?? events[0]?.service ?? serviceName('unknown service')
  const zero = deploy?.at ?? clock.startedAt
  const { firstBadRequestAt: firstBadAt, secondsToRecovery } = result
  const opened = first(ofType(events, 'incident.opened'))
  const resolved = last(ofType(events, 'incident.resolved'))
  const notBefore = (type: 'alert.fired') => first(ofType(events, type).filter((event) => event.at >= zero))
  return {
    mark,
    clock,
    result,
    events,
    curves: curvesOf(input.series, service),
    service,
    release,
    deploy,
    zero,
    start: epochMs(Math.min(clock.startedAt, events.find(worthTelling)?.at ?? clock.startedAt)),
    end: epochMs(Math.max(result.finishedAt, last(events)?.at ?? 0)),
    firstBadAt,
    recoveredAt:
      firstBadAt === null || secondsToRecovery === null ? null : plus(firstBadAt, seconds(secondsToRecovery)),
    alert: notBefore('alert.fired'),
    opened,
    acknowledged: first(ofType(events, 'incident.acknowledged')),
    resolved,
    closed: opened === null ? lastAlertsEnd(events) : resolved,
    decision,
    rolledBack: first(ofType(events, 'release.rolled-back')),
    cause,
    rootFinding: first(ofType(events, 'finding.made').filter((event) => event.data.rootCause)),
    reconciliation: last(ofType(events, 'reconciliation.finished')),
  }
}

/** From the deployment to the end of the act. */
export const wholeAct = (facts: ActFacts): Window => ({ from: facts.zero, to: epochMs(facts.end + 1) })

/** The same time before the deployment as `minutes` of the incident: what normal looked like. */
export const before = (facts: ActFacts, at: EpochMs, minutes: number): Window => ({
  from: epochMs(at - minutes * facts.clock.pace),
  to: at,
})

/** The window of `minutes` of the incident from `at` on. */
export const after = (facts: ActFacts, at: EpochMs, minutes: number): Window => ({
  from: at,
  to: epochMs(at + minutes * facts.clock.pace),
})
