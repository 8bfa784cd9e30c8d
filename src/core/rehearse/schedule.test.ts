import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prng } from '../../base/prng.ts'
import { ms } from '../../base/time.ts'
import type { LoadProfile } from './load.ts'
import { type Arrival, arrivals } from './schedule.ts'

const profile: LoadProfile = {
  rate: 60,
  arrivals: 'poisson',
  operations: [
    { operation: 'pay', weight: 45 },
    { operation: 'order', weight: 20 },
    { operation: 'settle', weight: 27 },
    { operation: 'list-pending', weight: 8 },
  ],
  maxInFlight: 100,
  timeout: ms(1000),
}

function take(of: LoadProfile, seed: number, count: number): readonly Arrival[] {
  const stream = arrivals(of, prng(seed))
  return Array.from({ length: count }, () => stream.next().value)
}

const weights = fc
  .array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 6 })
  .filter((list) => list.some((weight) => weight > 0))

describe('the schedule of arrivals', () => {
  it('is the same for the same seed and differs for another', () => {
    expect(take(profile, 7, 500)).toEqual(take(profile, 7, 500))
    expect(take(profile, 7, 500)).not.toEqual(take(profile, 8, 500))
  })

  it('keeps the rate: the time of n Poisson arrivals lies within five standard deviations of n ÷ rate', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 5000 }), (seed, rate) => {
        const count = 2000
        const last = take({ ...profile, rate }, seed, count).at(-1)?.offset ?? 0
        // A sum of n exponential gaps has mean n/rate and standard deviation √n/rate.
        expect(Math.abs(last - (count / rate) * 1000)).toBeLessThan(5 * (Math.sqrt(count) / rate) * 1000)
      }),
      { numRuns: 100, seed: 42 },
    )
  })

  it('has exponential gaps: the share of gaps above the mean gap is 1/e', () => {
    const list = take(profile, 3, 20_000)
    const meanGap = 1000 / profile.rate
    const long = list.filter((arrival, index) => arrival.offset - (list[index - 1]?.offset ?? 0) > meanGap).length
    expect(long / list.length).toBeGreaterThan(1 / Math.E - 0.02)
    expect(long / list.length).toBeLessThan(1 / Math.E + 0.02)
  })

  it('never goes back in time and numbers its arrivals without gaps', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom('poisson', 'even'), weights, (seed, kind, list) => {
        const operations = list.map((weight, index) => ({ operation: `op-${index}`, weight }))
        const taken = take({ ...profile, arrivals: kind, operations }, seed, 300)
        for (const [index, arrival] of taken.entries()) {
          expect(arrival.number).toBe(index)
          expect(arrival.offset).toBeGreaterThanOrEqual(taken[index - 1]?.offset ?? 0)
        }
      }),
    )
  })

  it('gives each operation its share and none to a weight of 0', () => {
    fc.assert(
      fc.property(fc.integer(), weights, (seed, list) => {
        const operations = list.map((weight, index) => ({ operation: `op-${index}`, weight }))
        const count = 4000
        const taken = take({ ...profile, operations }, seed, count)
        const total = list.reduce((sum, weight) => sum + weight, 0)
        for (const { operation, weight } of operations) {
          const share = weight / total
          const got = taken.filter((arrival) => arrival.operation === operation).length
          if (weight === 0) expect(got).toBe(0)
          // Binomial: five standard deviations, and one request for the smallest shares.
          expect(Math.abs(got - share * count)).toBeLessThanOrEqual(5 * Math.sqrt(count * share * (1 - share)) + 1)
        }
      }),
      { numRuns: 60, seed: 42 },
    )
  })

  it('spaces even arrivals by exactly 1 ÷ rate, the first at once', () => {
    const offsets = take({ ...profile, arrivals: 'even', rate: 50 }, 1, 4).map((arrival) => arrival.offset)
    expect(offsets).toEqual([0, 20, 40, 60])
  })

  it.each([
    ['rate', { rate: 0 }],
    ['rate', { rate: Number.POSITIVE_INFINITY }],
    ['maxInFlight', { maxInFlight: 0.5 }],
    ['timeout', { timeout: ms(0) }],
    ['operations', { operations: [] }],
    ['operations', { operations: [{ operation: 'pay', weight: 0 }] }],
    [
      'operations',
      {
        operations: [
          { operation: 'pay', weight: 1 },
          { operation: 'pay', weight: 2 },
        ],
      },
    ],
    ['operations.pay.weight', { operations: [{ operation: 'pay', weight: -1 }] }],
  ])('refuses a wrong %s and names it', (where, wrong) => {
    expect(() => arrivals({ ...profile, ...wrong }, prng(1))).toThrow(
      expect.objectContaining({ code: 'invalid-load-profile', where }),
    )
  })
})
