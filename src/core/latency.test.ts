import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LATENCY_BOUNDS_MS, latencyQuantile, mergeLatency, slowerThan } from './latency.ts'

const histograms = fc.array(fc.nat(50), {
  minLength: LATENCY_BOUNDS_MS.length + 1,
  maxLength: LATENCY_BOUNDS_MS.length + 1,
})

describe('latency quantiles', () => {
  it('are linear inside the bucket', () => {
    const counts = new Array(LATENCY_BOUNDS_MS.length + 1).fill(0)
    counts[9] = 100 // 150 to 200 ms
    expect(latencyQuantile(counts, 0.5)).toBe(175)
    expect(latencyQuantile(counts, 0.95)).toBeCloseTo(197.5)
  })

  it('are unknown without a request', () => {
    expect(latencyQuantile([], 0.5)).toBeNull()
  })

  it('say 30 s for what is slower than that', () => {
    const counts = new Array(LATENCY_BOUNDS_MS.length + 1).fill(0)
    counts[LATENCY_BOUNDS_MS.length] = 4
    expect(latencyQuantile(counts, 0.5)).toBe(30_000)
  })

  it('rise with q', () => {
    fc.assert(
      fc.property(
        histograms,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (counts, a, b) => {
          const low = latencyQuantile(counts, Math.min(a, b))
          const high = latencyQuantile(counts, Math.max(a, b))
          expect((low ?? 0) <= (high ?? 0)).toBe(true)
        },
      ),
    )
  })

  it('of merged histograms lie between those of the parts', () => {
    fc.assert(
      fc.property(histograms, histograms, (a, b) => {
        const [one, two, both] = [a, b, mergeLatency([a, b])].map((counts) => latencyQuantile(counts, 0.95))
        if (one == null || two == null || both == null) return
        expect(both).toBeGreaterThanOrEqual(Math.min(one, two) - 1e-9)
        expect(both).toBeLessThanOrEqual(Math.max(one, two) + 1e-9)
      }),
    )
  })

  it('count as slow what lies in the buckets beyond the objective', () => {
    const counts = LATENCY_BOUNDS_MS.map((_, bucket) => bucket)
    // Bounds up to 200 ms are the first ten buckets, 0 to 9; 22 is the last bounded one.
    expect(slowerThan([...counts, 100], 200)).toBe(100 + (10 + 22) * 6.5)
    expect(slowerThan([...counts, 100], 30_000)).toBe(100)
  })
})
