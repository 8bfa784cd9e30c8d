import { describe, expect, it } from 'vitest'
import { keeping, note, OTHER, START, STREAM, setup, spied } from '../../test/engine/fixtures/watching.ts'
import { ms, seconds } from '../base/time.ts'
import { MAX_WAITING_QUESTIONS } from './answerer.ts'
import { manualClock } from './manual-clock.ts'

describe('the watch', () => {
  it('ticks on whole seconds, stores the points, and records what the monitors say (W1)', async () => {
    const { clock, start, points, texts, errors } = setup()
    const loop = start()
    await clock.advance(seconds(3))
    await loop.stop()
    expect(points.map((point) => point.at % 1000)).toEqual([0, 0, 0])
    expect(await texts()).toEqual(['look 1', 'look 2', 'look 3'])
    expect(errors).toEqual([])
    expect(clock.sleeping()).toBe(0)
  })

  it('skips the ticks that fall into one that takes long (W1)', async () => {
    const clock = manualClock(START)
    const times: number[] = []
    const observe = async () => {
      const at = clock.now()
      times.push(at - START)
      if (times.length === 1) await clock.sleep(ms(2500))
      return { at, services: [], database: null, missing: [] }
    }
    const { start } = setup({ clock, sources: { observe } })
    const loop = start()
    await clock.advance(seconds(6))
    await loop.stop()
    expect(times).toEqual([700, 3700, 4700, 5700])
  })

  it('gives the monitors the window and nothing older', async () => {
    const { clock, start, state } = setup()
    const loop = start()
    await clock.advance(seconds(5))
    await loop.stop()
    expect(state().looks.map((recent) => recent.length)).toEqual([1, 2, 3, 3, 3])
    expect(
      state()
        .looks.at(-1)
        ?.map((one) => one.at - START),
    ).toEqual([2700, 3700, 4700])
  })

  it('lets monitors note all of the stream once and in order: history, their own facts, and others’ (W2)', async () => {
    const { clock, engine, start, state } = setup()
    await engine.append(STREAM, [note('before'), note('before')])
    await engine.append(OTHER, [note('of another service')])
    const loop = start()
    await engine.append(STREAM, [note('at the start')])
    await clock.advance(seconds(1))
    await engine.append(STREAM, [note('between')])
    await engine.append(OTHER, [note('of another service')])
    await clock.advance(seconds(1))
    await loop.stop()
    await engine.append(STREAM, [note('after the stop')])
    expect(state().noted.map((event) => event.sequence)).toEqual([1, 2, 3, 4, 5, 6])
    expect(state().noted).toEqual((await engine.readAll(STREAM)).slice(0, 6))
  })

  it('does not judge before it knows the history, and catches up when the ledger is back (W2, W4)', async () => {
    let away = true
    const { clock, engine, start, state, points, errors } = setup({
      wrap: (inner) => ({
        readAll: async (...of) => {
          if (away) throw new Error('the ledger is away')
          return inner.readAll(...of)
        },
      }),
    })
    await engine.append(STREAM, [note('before')])
    const loop = start()
    await clock.advance(seconds(2))
    expect([state().looks.length, points.length]).toEqual([0, 2])
    away = false
    await clock.advance(seconds(1))
    await loop.stop()
    expect(state().looks.map((recent) => recent.length)).toEqual([3])
    expect(state().noted.map((event) => event.sequence)).toEqual([1, 2])
    expect(errors).toEqual(['the ledger is away', 'the ledger is away'])
  })
})

describe('the questions of a monitor', () => {
  it('are answered with the plan, and what follows is recorded', async () => {
    const { monitor, state } = spied(keeping(['select 1']))
    const { clock, start, texts } = setup({ monitors: [monitor] })
    const loop = start()
    await clock.advance(seconds(1))
    await loop.stop()
    expect(state().answers).toEqual([
      {
        question: { kind: 'explain', query: 'select 1' },
        plan: expect.objectContaining({ 'Node Type': 'Result' }),
        reason: null,
      },
    ])
    expect(await texts()).toEqual(['look 1', 'a plan'])
  })

  it('never hold up a tick, and are answered with the reason at their deadline', async () => {
    const { monitor, state } = spied(keeping(['select 1']))
    const { clock, start } = setup({
      monitors: [monitor],
      inspector: { explain: () => new Promise(() => undefined) },
    })
    const loop = start()
    await clock.advance(seconds(5))
    await loop.stop()
    expect(state().looks).toHaveLength(5)
    expect(state().answers.map((answer) => answer.reason)).toEqual(['EXPLAIN was not done after 3 s'])
  })

  it('are refused with the reason when too many wait', async () => {
    const many = Array.from({ length: MAX_WAITING_QUESTIONS + 3 }, (_, index) => `select ${index}`)
    const { monitor, state } = spied(keeping(many))
    const { clock, start } = setup({ monitors: [monitor] })
    const loop = start()
    await clock.advance(seconds(2))
    await loop.stop()
    expect(state().answers).toHaveLength(many.length)
    expect(state().answers.filter((answer) => answer.reason !== null)).toHaveLength(3)
  })
})

describe('stop', () => {
  it('ends a look under way and leaves nothing that waits', async () => {
    const { clock, start, errors } = setup({
      sources: {
        observe: (signal) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
      },
    })
    const loop = start()
    await clock.advance(seconds(1))
    await loop.stop()
    expect([clock.sleeping(), errors]).toEqual([0, []])
  })
})
