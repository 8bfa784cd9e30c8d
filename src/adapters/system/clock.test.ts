import { describe, expect, it } from 'vitest'
import { ms, seconds } from '../../base/time.ts'
import { systemClock } from './clock.ts'

describe('the system clock', () => {
  const clock = systemClock()

  it('tells whole milliseconds of wall time', () => {
    const before = Date.now()
    const now = clock.now()
    expect(now).toBeGreaterThanOrEqual(before)
    expect(now).toBeLessThanOrEqual(Date.now())
    expect(Number.isInteger(now)).toBe(true)
  })

  it('sleeps at least as long as asked, in time that never jumps', async () => {
    const start = clock.monotonic()
    await clock.sleep(ms(20))
    // setTimeout may fire within the millisecond before.
    expect(clock.monotonic() - start).toBeGreaterThanOrEqual(19)
  })

  it('wakes at once when told to stop, and does not sleep at all when told before', async () => {
    const stop = new AbortController()
    const sleeping = clock.sleep(seconds(3600), stop.signal)
    stop.abort()
    await sleeping
    await clock.sleep(seconds(3600), stop.signal)
  })
})
