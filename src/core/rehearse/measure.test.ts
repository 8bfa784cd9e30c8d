import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventId } from '../../base/ids.ts'
import { epochMs, ms } from '../../base/time.ts'
import { releaseId, serviceName } from '../../base/units.ts'
import { type Facts, type FactType, fact, type LedgerEvent, type Source } from '../events.ts'
import type { SeriesPoint } from '../watch/samples.ts'
import { clientCurves } from './client-curves.ts'
import type { RequestOutcome } from './load.ts'
import { type MeasureInput, measureAct } from './measure.ts'

const START = 1_000_000_000
const service = serviceName('payment-service')
const bad = releaseId('2.3.1')
const good = releaseId('2.3.0')
const fix = releaseId('2.3.2')
const premortem: Source = { kind: 'premortem', name: 'premortem' }
const person: Source = { kind: 'person', name: 'Bob' }

type At = readonly [second: number, type: FactType, data: object, source?: Source]

/** Builds the ledger of an act from what happened at which second. */
function ledger(happened: readonly At[]): readonly LedgerEvent[] {
  return happened.map(([second, type, data, source = premortem], index) => ({
    ...fact(epochMs(START + second * 1000), source, type, data as Facts[typeof type]),
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
const act = (...happened: readonly At[]): readonly LedgerEvent[] =>
  ledger([
    [0, 'act.started', { act: 'guarded', scenario: 's', paceMs: 1000, scenarioStart: '2024-03-15T14:05:00Z' }],
    ...happened,
    [70, 'traffic.counted', COUNTED],
    [71, 'reconciliation.finished', RECONCILED],
    [72, 'act.finished', { act: 'guarded' }],
  ])

const deployed: At = [10, 'release.requested', { release: bad, previous: good }]
const decided = (second: number): At => [second, 'release.rollback-decided', { release: bad, to: good, why: [] }]

interface Shape {
  readonly latency?: number
  readonly result?: RequestOutcome['result']
  readonly servedBy?: string | null
}

function outcome(second: number, shape: Shape = {}): RequestOutcome {
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
const traffic = (shape: (second: number) => Shape = () => ({}), seconds = 61): readonly RequestOutcome[] =>
  Array.from({ length: seconds * 10 }, (_, index) => outcome(index / 10, shape(index / 10)))

const inside = (second: number, from: number, to: number) => second >= from && second < to

const measure = (over: Partial<MeasureInput> = {}) =>
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

describe('the first bad request', () => {
  it('is none when nothing went wrong, and then no time is given', () => {
    expect(measure({ events: act(deployed, decided(20)) })).toMatchObject({
      firstBadRequestAt: null,
      secondsToAlert: null,
      secondsToCause: null,
      secondsToRollbackDecision: null,
      secondsToRecovery: null,
      peakErrorRatePercent: 0,
    })
  })

  it('is the first that failed after the bad release was requested, not one before', () => {
    const failing = traffic((second) => (second === 5 || second === 15 ? { result: 'failed', servedBy: null } : {}))
    expect(measure({ outcomes: failing }).firstBadRequestAt).toBe(START + 15_000)
  })

  it('may be one that the generator dropped', () => {
    const dropping = traffic((second) => (second === 15 ? { result: 'dropped', servedBy: null } : {}))
    expect(measure({ outcomes: dropping }).firstBadRequestAt).toBe(START + 15_000)
  })

  it('is a slow answer of the bad release, not a slow answer of another', () => {
    const slow = traffic((second) => {
      if (second === 12) return { latency: 900, servedBy: 'payment-service@2.3.0' }
      if (second === 13) return { latency: 900, servedBy: 'order-service@2.3.1' }
      if (second === 14) return { latency: 200, servedBy: 'payment-service@2.3.1' }
      return second === 15 ? { latency: 201, servedBy: 'payment-service@2.3.1' } : {}
    })
    expect(measure({ outcomes: slow }).firstBadRequestAt).toBe(START + 15_000)
  })

  it('is none when the bad release was never requested', () => {
    const failing = traffic(() => ({ result: 'failed' }))
    expect(measure({ outcomes: failing, events: act() })).toMatchObject({
      firstBadRequestAt: null,
      peakErrorRatePercent: 100,
    })
  })

  it('is found by the intended time, whatever the order in which requests ended', () => {
    const failing = traffic((second) => (inside(second, 15, 17) ? { result: 'failed' } : {}))
    expect(measure({ outcomes: failing.toReversed() })).toEqual(measure({ outcomes: failing }))
  })
})

describe('the times of an act', () => {
  const failing = traffic((second) => (inside(second, 15, 30) ? { result: 'failed', latency: 5000 } : {}))
  const alert: At = [17, 'alert.fired', { rule: 'error-rate' }]
  const cause: At = [
    19,
    'cause.named',
    {
      kind: 'index-dropped-by-release',
      release: bad,
      index: { name: 'idx', table: 't', definition: 'd' },
      migrationFile: '0005.sql',
      migrationLine: 12,
      statement: 'SELECT',
    },
  ]

  it('count from the first bad request', () => {
    expect(measure({ outcomes: failing, events: act(deployed, alert, cause, decided(21)) })).toMatchObject({
      secondsToAlert: 2,
      secondsToCause: 4,
      secondsToRollbackDecision: 6,
      secondsToRecovery: 15,
      cause: { release: bad, index: 'idx', migrationFile: '0005.sql', migrationLine: 12, statement: 'SELECT' },
    })
  })

  it('are null for what never happened, and recovery is found all the same', () => {
    expect(measure({ outcomes: failing, events: act(deployed) })).toMatchObject({
      secondsToAlert: null,
      secondsToCause: null,
      secondsToRollbackDecision: null,
      secondsFromDecisionToHealthyLatency: null,
      secondsToRecovery: 15,
      cause: null,
    })
  })

  it('are negative for what came before the first bad request', () => {
    const early: At = [12, 'alert.fired', { rule: 'pool-utilisation' }]
    expect(measure({ outcomes: failing, events: act(deployed, early, alert) }).secondsToAlert).toBe(-3)
  })

  it('leave out alerts from before the deployment', () => {
    expect(measure({ outcomes: failing, events: act([5, 'alert.fired', {}], deployed, alert) }).secondsToAlert).toBe(2)
  })

  it('leave out a diagnosis that names no cause', () => {
    const unsure: At = [18, 'cause.named', { kind: 'unknown', index: null }]
    expect(measure({ outcomes: failing, events: act(deployed, unsure, cause) }).secondsToCause).toBe(4)
  })

  it('take the cause of the unguarded act from its people, not from premortem that only looked on', () => {
    const guess: At = [20, 'finding.made', { text: 'The pool is full', rootCause: false }, person]
    const found: At = [25, 'finding.made', { text: 'The index is gone', rootCause: true }, person]
    const result = measure({ act: 'unguarded', outcomes: failing, events: act(deployed, cause, guess, found) })
    expect(result).toMatchObject({ secondsToCause: 10, cause: null })
  })

  it('take a decision from whoever made it first, and only for the bad release', () => {
    const other: At = [16, 'release.abort-requested', { release: fix, reason: '' }]
    const abort: At = [22, 'release.abort-requested', { release: bad, reason: '' }, person]
    const events = act(deployed, other, abort, decided(24))
    expect(measure({ outcomes: failing, events }).secondsToRollbackDecision).toBe(7)
  })
})

describe('recovery', () => {
  const recovery = (shape: (second: number) => Shape, ...happened: readonly At[]) => {
    const result = measure({ outcomes: traffic(shape), events: act(deployed, ...happened) })
    return [result.secondsToRecovery, result.secondsFromDecisionToHealthyLatency]
  }
  const failed: Shape = { result: 'failed', latency: 5000 }
  const slow: Shape = { latency: 900, servedBy: 'payment-service@2.3.1' }

  it('needs errors and latency to be back, and each is seen alone', () => {
    const errorsLast = (second: number): Shape =>
      inside(second, 15, 20) ? slow : inside(second, 20, 25) ? { result: 'failed', latency: 10 } : {}
    expect(recovery(errorsLast, decided(18))).toEqual([10, 2])
  })

  it('is not before the decision, since the bad release is still there', () => {
    expect(recovery((second) => (second === 15 ? slow : {}), decided(21))).toEqual([6, 0])
  })

  it('is never when it is still bad at the end', () => {
    expect(recovery((second) => (second >= 15 ? failed : {}), decided(18))).toEqual([null, null])
  })

  it('starts again after a relapse', () => {
    expect(recovery((second) => (inside(second, 15, 20) || inside(second, 40, 44) ? failed : {}), decided(16))[0]).toBe(
      29,
    )
  })

  it('is not undone by one bad second after it has held for a while', () => {
    expect(recovery((second) => (inside(second, 15, 20) || inside(second, 52, 53) ? failed : {}), decided(16))[0]).toBe(
      5,
    )
  })

  it('is undone by bad seconds that keep coming', () => {
    const flapping = (second: number): Shape =>
      inside(second, 15, 20) || inside(second, 36, 37) || inside(second, 44, 45) ? failed : {}
    expect(recovery(flapping, decided(16))[0]).toBe(30)
  })

  it('does not begin with a calm of less than ten seconds', () => {
    expect(recovery((second) => (inside(second, 15, 20) || inside(second, 28, 29) ? failed : {}), decided(16))[0]).toBe(
      14,
    )
  })

  it('leaves out what shows while another release is rolled out', () => {
    const fixing: readonly At[] = [
      [40, 'release.requested', { release: fix, previous: good }],
      [46, 'release.promoted', { release: fix }],
    ]
    const shape = (second: number): Shape => (inside(second, 15, 20) || inside(second, 41, 46) ? failed : {})
    expect(recovery(shape, decided(16), ...fixing)[0]).toBe(5)
    const later = (second: number): Shape => (inside(second, 15, 20) || inside(second, 41, 50) ? failed : {})
    expect(recovery(later, decided(16), ...fixing)[0]).toBe(35)
  })

  it('is never when the observation ends within five seconds', () => {
    const outcomes = traffic((second) => (inside(second, 15, 20) ? failed : {}), 23)
    expect(measure({ outcomes }).secondsToRecovery).toBe(null)
  })

  it('comes at most after the last bad second, whatever was bad', () => {
    fc.assert(
      fc.property(fc.integer({ min: 11, max: 30 }), fc.integer({ min: 1, max: 15 }), (from, length) => {
        const outcomes = traffic((second) => (inside(second, from, from + length) ? failed : {}))
        expect(measure({ outcomes }).secondsToRecovery).toBe(length)
      }),
    )
  })
})

describe('the figures of an act', () => {
  it('leave out the warm-up before the act began', () => {
    const outcomes = [outcome(-2, { result: 'failed', latency: 9000 }), ...traffic()]
    expect(measure({ outcomes })).toMatchObject({ requests: 610, peakErrorRatePercent: 0, latencyMs: { max: 10 } })
  })

  it('take payments from the book and from the reconciliation', () => {
    const events = act(deployed).map((event) =>
      event.type === 'reconciliation.finished' ? { ...event, data: { ...event.data, lost: 4, double: 5 } } : event,
    )
    expect(measure({ events })).toMatchObject({
      failedPayments: 3,
      delayedPayments: 2,
      recoveredPayments: 1,
      lostPayments: 4,
      doublePayments: 5,
    })
  })

  it('give the error rate of the worst five seconds, dropped requests included', () => {
    const outcomes = traffic((second) =>
      second === 20 ? { result: 'failed' } : inside(second, 30, 31) ? { result: 'dropped' } : {},
    )
    expect(measure({ outcomes }).peakErrorRatePercent).toBe(20)
  })

  it('give no error rate for a handful of requests', () => {
    const few = Array.from({ length: 60 }, (_, second) => outcome(second, { result: 'failed' }))
    expect(measure({ outcomes: few }).peakErrorRatePercent).toBe(0)
  })

  it("add up the releases' pools at each look and take the highest sum", () => {
    const point = (second: number, release: typeof bad | null, value: number, of = service): SeriesPoint => ({
      at: epochMs(START + second * 1000),
      service: of,
      release,
      metric: 'pool_used',
      value,
    })
    const series = [
      point(1, good, 40),
      point(2, good, 30),
      point(2, bad, 33),
      point(3, bad, 50),
      point(3, bad, 500, serviceName('order-service')),
      point(4, null, 900),
      { ...point(4, null, 12.3456), metric: 'longest_query_seconds' },
    ]
    expect(measure({ series })).toMatchObject({ peakPoolConnections: 63, longestQuerySeconds: 12.346 })
  })

  it('give latency percentiles of the requests that were sent', () => {
    const outcomes = Array.from({ length: 100 }, (_, index) => outcome(index / 10, { latency: index + 1 }))
    const dropped = outcome(50, { result: 'dropped', latency: 0 })
    expect(measure({ outcomes: [...outcomes, dropped] }).latencyMs).toEqual({ p50: 50, p95: 95, p99: 99, max: 100 })
  })

  it("use up the error budget by bad requests over the incident's minutes", () => {
    // A tenth of the requests over 60 incident minutes are 6 bad minutes of the 216 that 99.5 % of 30 days allow.
    const outcomes = Array.from({ length: 601 }, (_, index) =>
      outcome(index / 10, index % 10 === 0 && index < 600 ? { result: 'failed' } : {}),
    )
    expect(measure({ outcomes }).errorBudget).toEqual({
      objectivePercent: 99.5,
      windowDays: 30,
      indicator: expect.stringContaining('60 minutes of the incident'),
      good: 541,
      total: 601,
      availabilityPercent: 90.017,
      usedPercent: 2.77,
    })
  })

  it('are all zero for an act without a request', () => {
    expect(measure({ outcomes: [] })).toMatchObject({
      requests: 0,
      firstBadRequestAt: null,
      secondsToRecovery: null,
      peakErrorRatePercent: 0,
      peakPoolConnections: 0,
      longestQuerySeconds: 0,
      latencyMs: { p50: 0, p95: 0, p99: 0, max: 0 },
      errorBudget: { good: 0, total: 0, availabilityPercent: 100, usedPercent: 0 },
    })
  })

  it.each(['act.started', 'act.finished', 'traffic.counted', 'reconciliation.finished'])(
    'are refused when the ledger has no %s',
    (type) => {
      const events = act(deployed).filter((event) => event.type !== type)
      expect(() => measure({ events })).toThrow(expect.objectContaining({ code: 'act-incomplete', where: type }))
    },
  )
})

describe("the client's curves", () => {
  const at = (points: readonly SeriesPoint[], second: number) =>
    Object.fromEntries(
      points.filter((point) => point.at === START + second * 1000).map(({ metric, value }) => [metric, value]),
    )

  it('have requests, error rate and p95 for each second of the intended times', () => {
    const points = clientCurves([
      ...Array.from({ length: 8 }, (_, index) => outcome(index / 10, { latency: 10 * (index + 1) })),
      outcome(0.8, { result: 'failed', latency: 5000 }),
      outcome(0.9, { result: 'dropped' }),
      outcome(2.5, { result: 'dropped' }),
    ])
    expect(at(points, 0)).toEqual({
      client_requests: 10,
      client_error_rate_percent: 20,
      client_latency_p95_ms: 5000,
    })
    expect(at(points, 1)).toEqual({ client_requests: 0 })
    expect(at(points, 2)).toEqual({ client_requests: 1, client_error_rate_percent: 100 })
    expect(points.every((point) => point.service === 'client' && point.release === null)).toBe(true)
  })

  it('are empty without requests', () => {
    expect(clientCurves([])).toEqual([])
  })
})
