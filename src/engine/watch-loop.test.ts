import { describe, expect, it } from 'vitest'
import { Problem } from '../base/problem.ts'
import { epochMs, ms, seconds } from '../base/time.ts'
import { serviceName } from '../base/units.ts'
import { fact, type LedgerEvent, type NewEvent, type Source } from '../core/events.ts'
import type { Answer, Monitor } from '../core/monitor.ts'
import type { Observation, SeriesPoint } from '../core/watch/samples.ts'
import { MAX_WAITING_QUESTIONS } from './answerer.ts'
import { createEngine, type Engine } from './engine.ts'
import { manualClock } from './manual-clock.ts'
import { createMemoryStore } from './memory-store.ts'
import { MAX_RECORD_TRIES } from './recorder.ts'
import { startWatchLoop, type WatchLoopOptions } from './watch-loop.ts'

// Not on a whole second, so that alignment shows.
const START = epochMs(Date.UTC(2024, 2, 15, 14, 32, 0, 300))
const STREAM = { environment: 'test', service: serviceName('payment-service') }
const OTHER = { environment: 'test', service: serviceName('order-service') }
const SOURCE: Source = { kind: 'premortem', name: 'test' }

const note = (text: string): NewEvent => fact(START, SOURCE, 'incident.note', { text, links: [] })
const refuse = async () => {
  throw new Error('this handler is not part of the test')
}

interface Seen {
  readonly noted: readonly LedgerEvent[]
  readonly looks: readonly (readonly Observation[])[]
  readonly answers: readonly Answer[]
}

/** Keeps all that it is given. Says a fact at every look, and asks at the first when told to. */
const keeping = (questions: readonly string[] = []): Monitor<Seen> => ({
  name: 'keeping',
  initial: { noted: [], looks: [], answers: [] },
  note: (state, event) => ({ ...state, noted: [...state.noted, event] }),
  look: (state, recent) => ({
    state: { ...state, looks: [...state.looks, recent] },
    facts: [note(`look ${state.looks.length + 1}`)],
    questions: state.looks.length > 0 ? [] : questions.map((query) => ({ kind: 'explain', query })),
  }),
  answer: (state, answer) => ({
    state: { ...state, answers: [...state.answers, answer] },
    facts: [note(answer.reason ?? 'a plan')],
    questions: [],
  }),
})

/** Lets the test see into the state that the loop keeps. */
function spied<S>(monitor: Monitor<S>): { monitor: Monitor<S>; state: () => S } {
  let last = monitor.initial
  const keep = <R extends { state: S }>(look: R): R => {
    last = look.state
    return look
  }
  return {
    state: () => last,
    monitor: {
      ...monitor,
      note: (state, event) => keep({ state: monitor.note(state, event) }).state,
      look: (state, recent) => keep(monitor.look(state, recent)),
      answer: (state, answer) => keep(monitor.answer(state, answer)),
    },
  }
}

function setup(given: Partial<WatchLoopOptions> & { wrap?: (engine: Engine) => Partial<Engine> } = {}) {
  const clock = manualClock(START)
  const handlers = {
    'migrations.apply': refuse,
    'replicas.start': refuse,
    'replicas.stop': refuse,
    'weights.set': refuse,
  }
  const engine = createEngine({ store: createMemoryStore(clock), deciders: [], handlers, clock })
  const { monitor, state } = spied(keeping())
  const errors: string[] = []
  const points: SeriesPoint[] = []
  const start = () =>
    startWatchLoop({
      stream: STREAM,
      sources: { observe: async () => ({ at: clock.now(), services: [], database: null, missing: [] }) },
      samples: { append: async (_environment, added) => void points.push(...added) },
      toPoints: ({ at }) => [{ at, service: STREAM.service, release: null, metric: 'tick', value: 1 }],
      inspector: {
        explain: async () => ({ plan: { 'Node Type': 'Result', 'Total Cost': 1, 'Plan Rows': 1 }, reason: null }),
      },
      monitors: [monitor],
      clock,
      interval: seconds(1),
      window: seconds(3),
      onError: (error) => errors.push(error instanceof Error ? error.message : String(error)),
      ...given,
      engine: { ...engine, ...given.wrap?.(engine) },
    })
  const texts = async () =>
    (await engine.readAll(STREAM)).flatMap((event) => (event.type === 'incident.note' ? event.data.text : []))
  return { clock, engine, errors, points, state, start, texts }
}

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
