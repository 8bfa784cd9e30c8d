import { describe, expect, it } from 'vitest'
import { type Clock, type DurationMs, epochMs, ms } from '../../../base/time.ts'
import { createSources } from './sources.ts'

const never = new AbortController().signal

/** Sleeps until `wake` is called or the signal says so. */
function handClock(): Clock & { wake(): void } {
  const sleepers: (() => void)[] = []
  return {
    now: () => epochMs(1000),
    monotonic: () => 0,
    sleep: (_duration: DurationMs, signal) =>
      new Promise((resolve) => {
        sleepers.push(resolve)
        signal?.addEventListener('abort', () => resolve(), { once: true })
      }),
    wake: () => {
      for (const wake of sleepers) wake()
    },
  }
}

const services = { samples: [], missing: ['metrics of a replica: refused'] }

describe('one look at everything', () => {
  it('has what all sources saw, and what each of them missed', async () => {
    const sources = createSources({
      service: { sample: async () => services },
      database: { sample: async () => ({ sample: null, missing: ['database: down'] }) },
      clock: handClock(),
    })
    expect(await sources.observe(never)).toEqual({
      at: 1000,
      services: [],
      database: null,
      missing: ['metrics of a replica: refused', 'database: down'],
    })
  })

  it('does not wait for a source that is late, and calls it off', async () => {
    const clock = handClock()
    let calledOff = false
    const sources = createSources({
      service: { sample: async () => services },
      database: {
        sample: (signal) => {
          signal.addEventListener('abort', () => {
            calledOff = true
          })
          return new Promise(() => undefined)
        },
      },
      clock,
      deadline: ms(3000),
    })
    const looking = sources.observe(never)
    clock.wake()
    expect((await looking).missing).toEqual(['metrics of a replica: refused', 'database: no answer within 3 s'])
    expect(calledOff).toBe(true)
  })

  it('names a source that fails, and keeps the others', async () => {
    const sources = createSources({
      service: { sample: () => Promise.reject(new Error('out of order')) },
      database: { sample: async () => ({ sample: null, missing: [] }) },
      clock: handClock(),
    })
    expect((await sources.observe(never)).missing).toEqual(['services: out of order'])
  })

  it('ends when it is called off', async () => {
    const controller = new AbortController()
    const sources = createSources({
      service: { sample: () => new Promise(() => undefined) },
      database: { sample: () => new Promise(() => undefined) },
      clock: handClock(),
    })
    const looking = sources.observe(controller.signal)
    controller.abort()
    expect((await looking).missing).toEqual(['services: the look was called off', 'database: the look was called off'])
  })
})
