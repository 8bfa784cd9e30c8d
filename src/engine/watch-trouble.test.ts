import { describe, expect, it } from 'vitest'
import { keeping, START, setup } from '../../test/engine/fixtures/watching.ts'
import { Problem } from '../base/problem.ts'
import { epochMs, seconds } from '../base/time.ts'
import type { Monitor } from '../core/monitor.ts'
import { manualClock } from './manual-clock.ts'
import { MAX_RECORD_TRIES } from './recorder.ts'

describe('trouble (W4)', () => {
  it('with the sources is reported and costs that tick only', async () => {
    let ticks = 0
    const { clock, start, errors, texts } = setup({
      sources: {
        observe: async () => {
          ticks += 1
          if (ticks === 2) throw new Error('no route to the exporter')
          return { at: START, services: [], database: null, missing: [] }
        },
      },
    })
    const loop = start()
    await clock.advance(seconds(3))
    await loop.stop()
    expect(errors).toEqual(['no route to the exporter'])
    expect(await texts()).toEqual(['look 1', 'look 2'])
  })

  it('with a source that hangs is left at the deadline, and no second look is begun beside it', async () => {
    let begun = 0
    const { clock, start, errors } = setup({
      sources: {
        observe: () => {
          begun += 1
          return new Promise(() => undefined)
        },
      },
    })
    const loop = start()
    await clock.advance(seconds(8))
    await loop.stop()
    expect(begun).toBe(1)
    expect(errors).toEqual([
      'looking at the sources was not done after 5 s',
      'looking at the sources still hangs from before',
      'looking at the sources still hangs from before',
    ])
  })

  it('with the sample store is reported, and the judging goes on', async () => {
    const { clock, start, errors, texts } = setup({
      samples: { append: () => Promise.reject(new Error('disk full')) },
    })
    const loop = start()
    await clock.advance(seconds(2))
    await loop.stop()
    expect(errors).toEqual(['disk full', 'disk full'])
    expect(await texts()).toEqual(['look 1', 'look 2'])
  })

  it('with the ledger keeps the facts, in order, until it is back (W3)', async () => {
    let away = false
    const { clock, start, errors, texts } = setup({
      wrap: (inner) => ({
        append: async (...of) => {
          if (away) throw new Problem({ code: 'ledger-unavailable', what: 'away', remedy: 'wait', retriable: true })
          return inner.append(...of)
        },
      }),
    })
    const loop = start()
    await clock.advance(seconds(1))
    away = true
    await clock.advance(seconds(20))
    away = false
    await clock.advance(seconds(1))
    await loop.stop()
    expect(await texts()).toEqual(Array.from({ length: 22 }, (_, index) => `look ${index + 1}`))
    expect(errors).toHaveLength(20)
  })

  it('with facts that the ledger always refuses gives them up after some tries, and says so (W3)', async () => {
    let refused = 0
    const { clock, start, errors, texts } = setup({
      wrap: (inner) => ({
        append: async (stream, facts) => {
          if (refused < MAX_RECORD_TRIES) {
            refused += 1
            throw new Error('a decider has a bug')
          }
          return inner.append(stream, facts)
        },
      }),
    })
    const loop = start()
    await clock.advance(seconds(MAX_RECORD_TRIES + 1))
    await loop.stop()
    expect(errors.at(-1)).toBe(
      `${MAX_RECORD_TRIES} facts of test/payment-service are lost: the ledger refused them ${MAX_RECORD_TRIES} times`,
    )
    expect(await texts()).toEqual([`look ${MAX_RECORD_TRIES + 1}`])
  })

  it('with facts that are still not recorded at the stop is said', async () => {
    const { clock, start, errors } = setup({ wrap: () => ({ append: () => Promise.reject(new Error('away')) }) })
    const loop = start()
    await clock.advance(seconds(1))
    await loop.stop()
    expect(errors.at(-1)).toBe('1 facts were not recorded at the stop')
  })

  it('with one monitor does not keep another from looking, nor does a caller’s callback', async () => {
    const broken: Monitor<null> = {
      ...keeping(),
      name: 'broken',
      initial: null,
      note: (state) => state,
      look: () => {
        throw new Error('a bug in the monitor')
      },
      answer: (state) => ({ state, facts: [], questions: [] }),
    }
    const { clock, start, errors, texts } = setup({
      monitors: [broken, keeping()],
      onObservation: () => {
        throw new Error('a bug in the screen')
      },
    })
    const loop = start()
    await clock.advance(seconds(2))
    await loop.stop()
    expect(await texts()).toEqual(['look 1', 'look 2'])
    expect(new Set(errors)).toEqual(new Set(['a bug in the monitor', 'a bug in the screen']))
  })

  it('with the machine’s clock, set back by an hour, does not silence the watch (W1)', async () => {
    const inner = manualClock(START)
    let back = 0
    const clock = { ...inner, now: () => epochMs(inner.now() - back) }
    const { start, texts } = setup({ clock })
    const loop = start()
    await inner.advance(seconds(2))
    back = 3_600_000
    await inner.advance(seconds(3))
    await loop.stop()
    expect(await texts()).toHaveLength(5)
  })
})
