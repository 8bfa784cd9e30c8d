import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LATENCY_BOUNDS_MS } from '../../core/watch/samples.ts'
import { latencyBuckets } from './latency.ts'

const total = (buckets: readonly number[]) => buckets.reduce((sum, count) => sum + count, 0)

/** Cumulative counts of latencies in milliseconds, for these bounds in seconds, as a histogram keeps them. */
function histogram(latencies: readonly number[], bounds: readonly number[]): Map<number, number> {
  return new Map(
    [...bounds, Number.POSITIVE_INFINITY].map((bound) => [
      bound,
      latencies.filter((latency) => latency / 1000 <= bound).length,
    ]),
  )
}

describe('latency buckets', () => {
  it('hold each request in the bucket of its own latency', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 200 }), (latencies) => {
        const cumulative = histogram(
          latencies,
          LATENCY_BOUNDS_MS.map((bound) => bound / 1000),
        )
        const buckets = latencyBuckets(cumulative, latencies.length)
        const expected = [...LATENCY_BOUNDS_MS, Number.POSITIVE_INFINITY].map((bound, index) => {
          const lower = index === 0 ? -1 : (LATENCY_BOUNDS_MS[index - 1] ?? 0)
          return latencies.filter((latency) => latency > lower && latency <= bound).length
        })
        expect(buckets).toEqual(expected)
      }),
    )
  })

  it('never understate a latency of a histogram with other bounds, and lose no request', () => {
    const buckets = latencyBuckets(histogram([3, 120, 45_000], [0.007, 0.25, 60]), 3)
    expect(total(buckets)).toBe(3)
    expect(buckets[LATENCY_BOUNDS_MS.indexOf(10)]).toBe(1)
    expect(buckets[LATENCY_BOUNDS_MS.indexOf(300)]).toBe(1)
    expect(buckets[LATENCY_BOUNDS_MS.length]).toBe(1)
  })

  it('add up to the requests even when the buckets contradict them', () => {
    const cumulative = fc.dictionary(fc.constantFrom('0.001', '0.1', '1', '30', 'Infinity', 'NaN'), fc.nat(100))
    fc.assert(
      fc.property(cumulative, fc.nat(100), (counts, requests) => {
        const buckets = latencyBuckets(new Map(Object.entries(counts).map(([le, n]) => [Number(le), n])), requests)
        expect(total(buckets)).toBe(requests)
        expect(Math.min(...buckets)).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
