import { describe, expect, it } from 'vitest'
import { act, bad, deployed, good, inside, measure, outcome, START, service, traffic } from '../../../test/load/act.ts'
import { epochMs } from '../../base/time.ts'
import { serviceName } from '../../base/units.ts'
import type { SeriesPoint } from '../watch/samples.ts'

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
    const point = (second: number, release: typeof bad | null, value: number): SeriesPoint => ({
      at: epochMs(START + second * 1000),
      service,
      release,
      metric: 'pool_used',
      value,
    })
    const series = [
      point(1, good, 40),
      point(2, good, 30),
      point(2, bad, 33),
      point(3, bad, 50),
      { ...point(3, bad, 500), service: serviceName('order-service') },
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
