/** An act made by hand: its ledger from what happened at which second, its requests from what each second was like. */
import { eventId } from '../../src/base/ids.ts'
import { epochMs, ms } from '../../src/base/time.ts'
import { releaseId, serviceName } from '../../src/base/units.ts'
import { type Facts, type FactType, fact, type LedgerEvent, type Source } from '../../src/core/events.ts'
import type { RequestOutcome } from '../../src/core/rehearse/load.ts'
import { type MeasureInput, measureAct } from '../../src/core/rehearse/measure.ts'

export const START = 1_000_000_000
export const service = serviceName('payment-service')
export const bad = releaseId('2.3.1')
export const good = releaseId('2.3.0')
export const fix = releaseId('2.3.2')
const premortem: Source = { kind: 'premortem', name: 'premortem' }
export const person: Source = { kind: 'person', name: 'Bob' }

export type At = readonly [second: number, type: FactType, data: object, source?: Source]

/** Builds the ledger of an act from what happened at which second. */
function ledger(happened: readonly At[]): readonly LedgerEvent[] {
  return happened.map(([second, type, data, source = premortem], index) => ({
    ...fact({ at: epochMs(START + second * 1000), source }, type, data as Facts[typeof type]),
    environment: 'drill',
    service,
    sequence: index + 1,
    id: eventId(service, index + 1),
  }))
}

const COUNTED = {
  sent: 0,
  succeeded: 0,
  failed: 0,
  dropped: 0,
  failedPayments: 3,
  delayedPayments: 2,
  recoveredPayments: 1,
}
const RECONCILED = { told: 9, settled: 9, failed: 0, refunded: 0, open: 0, lost: 0, double: 0 }

/** An act of 60 s, with the events that every act has around those given. */
export const act = (...happened: readonly At[]): readonly LedgerEvent[] =>
  ledger([
    [0, 'act.started', { act: 'guarded', scenario: 's', paceMs: 1000, scenarioStart: '2024-03-15T14:05:00Z' }],
    ...happened,
    [70, 'traffic.counted', COUNTED],
    [71, 'reconciliation.finished', RECONCILED],
    [72, 'act.finished', { act: 'guarded' }],
  ])

export const deployed: At = [10, 'release.requested', { release: bad, previous: good }]
export const decided = (second: number): At => [second, 'release.rollback-decided', { release: bad, to: good, why: [] }]

export interface Shape {
  readonly latency?: number
  readonly result?: RequestOutcome['result']
  readonly servedBy?: string | null
}

export function outcome(second: number, shape: Shape = {}): RequestOutcome {
  const { latency = 10, result = 'ok', servedBy = 'payment-service@2.3.0' } = shape
  const intendedAt = epochMs(START + second * 1000)
  return {
    operation: 'pay',
    intendedAt,
    sentAt: result === 'dropped' ? null : intendedAt,
    finishedAt: epochMs(intendedAt + latency),
    latency: ms(latency),
    status: result === 'ok' ? 200 : null,
    result,
    servedBy,
    error: result === 'ok' ? null : 'timeout',
  }
}

/** Ten requests a second for 61 s; `shape` says what they come to. */
export const traffic = (shape: (second: number) => Shape = () => ({}), seconds = 61): readonly RequestOutcome[] =>
  Array.from({ length: seconds * 10 }, (_, index) => outcome(index / 10, shape(index / 10)))

export const inside = (second: number, from: number, to: number) => second >= from && second < to

export const measure = (over: Partial<MeasureInput> = {}) =>
  measureAct({
    act: 'guarded',
    environment: 'drill',
    service,
    badRelease: bad,
    outcomes: traffic(),
    events: act(deployed),
    series: [],
    ...over,
  })
