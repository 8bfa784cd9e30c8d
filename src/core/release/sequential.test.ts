import { describe, expect, it } from 'vitest'
import { prng } from '../../base/prng.ts'
import { betOnErrors, betOnSlow, ERROR_BETS, isSure, SLOW_BETS } from './sequential.ts'

const ALPHA = 0.01
const RUNS = 300
const LOOKS = 300

/** Looks until it is sure, at `perLook` requests that fail with chance `rate`; null when it never is. */
function looksUntilSure(rate: number, perLook: number, seed: number): number | null {
  const random = prng(seed)
  let wealth = ERROR_BETS
  for (let look = 1; look <= LOOKS; look++) {
    const errors = Array.from({ length: perLook }, () => random.next()).filter((draw) => draw < rate).length
    wealth = betOnErrors(wealth, { errors, requests: perLook, limit: 0.05 })
    if (isSure(wealth, ALPHA)) return look
  }
  return null
}

const draw = (random: ReturnType<typeof prng>, requests: number, rate: number) =>
  Array.from({ length: requests }, () => random.next()).filter((value) => value < rate).length

describe('the sequential test of errors', () => {
  it('is sure of total failure within four requests, and of 20 % within some dozens', () => {
    expect(looksUntilSure(1, 1, 1)).toBeLessThanOrEqual(4)
    const times = Array.from({ length: 200 }, (_, seed) => looksUntilSure(0.2, 5, seed) ?? Number.POSITIVE_INFINITY)
    expect(times.sort((a, b) => a - b)[100]).toBeLessThanOrEqual(14)
  })

  it('accuses a release that just keeps to 5 % in at most 1 % of the rollouts, looked at every second', () => {
    const accused = Array.from({ length: RUNS }, (_, seed) => looksUntilSure(0.05, 8, seed + 1)).filter(
      (one) => one !== null,
    )
    expect(accused.length).toBeLessThanOrEqual(RUNS * ALPHA)
  })

  it('finds a late failure about as fast as an early one', () => {
    let wealth = ERROR_BETS
    for (let look = 0; look < 1000; look++) wealth = betOnErrors(wealth, { errors: 0, requests: 20, limit: 0.05 })
    expect(isSure(wealth, ALPHA)).toBe(false)
    wealth = betOnErrors(wealth, { errors: 12, requests: 20, limit: 0.05 })
    expect(isSure(wealth, ALPHA)).toBe(true)
  })

  it('learns nothing from silence', () => {
    expect(betOnErrors(ERROR_BETS, { errors: 0, requests: 0, limit: 0.05 })).toBe(ERROR_BETS)
  })
})

describe('the sequential test of slowness', () => {
  it('needs about three slow requests when the canary has a tenth of the traffic and all of them', () => {
    let wealth = SLOW_BETS
    let slow = 0
    while (!isSure(wealth, ALPHA) && slow < 20) {
      wealth = betOnSlow(wealth, { canary: { slow: 1, requests: 6 }, beside: { slow: 0, requests: 54 } })
      slow += 1
    }
    expect(slow).toBeGreaterThanOrEqual(3)
    expect(slow).toBeLessThanOrEqual(4)
  })

  it.each([0.01, 0.08, 0.5, 1])(
    'accuses one of two releases that are equally slow (%d) in at most one rollout of a hundred',
    (rate) => {
      const accused = Array.from({ length: RUNS }, (_, seed) => {
        const random = prng(seed + 1)
        let wealth = SLOW_BETS
        for (let look = 0; look < LOOKS; look++) {
          wealth = betOnSlow(wealth, {
            canary: { slow: draw(random, 4, rate), requests: 4 },
            beside: { slow: draw(random, 12, rate), requests: 12 },
          })
          if (isSure(wealth, ALPHA)) return true
        }
        return false
      }).filter(Boolean)
      expect(accused.length).toBeLessThanOrEqual(RUNS * ALPHA)
    },
  )

  it('says nothing without a release beside', () => {
    const alone = { canary: { slow: 9, requests: 9 }, beside: { slow: 0, requests: 0 } }
    expect(betOnSlow(SLOW_BETS, alone)).toBe(SLOW_BETS)
  })
})
