import { describe, expect, it } from 'vitest'
import { epochMs, ms } from '../../base/time.ts'
import { type Measured, observedEffect } from './effect.ts'

const measured = (errorPercent: number, requests = 600): Measured => ({ errorPercent, requests, pool: '99/99' })

/** An attempt at 100 s, looked at 12 s later. */
const effect = (was: Measured | null, is: Measured | null, done = true) =>
  observedEffect({
    rates: (from) => (from < 100_000 ? was : is),
    startedAt: epochMs(100_000),
    now: epochMs(112_000),
    window: ms(10_000),
    done,
  })

describe('what an attempt came to', () => {
  it.each([
    { was: 9, is: 0.5, helped: 'yes' },
    { was: 9, is: 6, helped: 'partly' },
    { was: 9, is: 9.5, helped: 'no' },
    { was: 9, is: 15, helped: 'worse' },
    { was: 0.2, is: 0.1, helped: 'unknown' },
  ] as const)('is $helped when $was % failed before and $is % after', ({ was, is, helped }) => {
    expect(effect(measured(was), measured(is)).helped).toBe(helped)
  })

  it('is not known when hardly a request ended, and says so', () => {
    const hung = effect(measured(62), measured(0, 3))
    expect(hung.helped).toBe('unknown')
    expect(hung.observed).toContain('Error rate 62.0 % before, 0.0 % after')
    expect(hung.observed).toContain('Only 3 requests ended')
  })

  it('is not known when nothing was measured', () => {
    expect(effect(null, measured(1)).helped).toBe('unknown')
  })

  it('says when the deed was not done by then', () => {
    expect(effect(measured(9), measured(9), false).observed).toMatch(/^Not finished by then/)
  })
})
