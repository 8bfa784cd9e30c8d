import { describe, expect, it } from 'vitest'
import { idempotencyKey } from '../base/ids.ts'
import { type EpochMs, epochMs, minutes, plus, seconds } from '../base/time.ts'
import { releaseId, serviceName } from '../base/units.ts'
import type { Command } from '../core/commands.ts'
import { type Decider, stay } from '../core/decider.ts'
import { fact, type LedgerEvent, type NewEvent, type Source } from '../core/events.ts'
import { type Store, StreamConflict } from '../core/store.ts'
import { MAX_CASCADE_EVENTS } from './decide.ts'
import {
  createEngine,
  type EngineOptions,
  type Handlers,
  MAX_APPEND_TRIES,
  MAX_COMMAND_ATTEMPTS,
  MAX_COMMAND_STARTS,
} from './engine.ts'
import { manualClock } from './manual-clock.ts'
import { createMemoryStore } from './memory-store.ts'
import { replay } from './replay.ts'

const START = epochMs(Date.UTC(2024, 2, 15, 14, 32))
const STREAM = { environment: 'test', service: serviceName('payment-service') }
const ALICE: Source = { kind: 'person', name: 'Alice Johnson' }
const RELEASE = releaseId('2.3.1')

const note = (text: string, at: EpochMs = START): NewEvent => fact(at, ALICE, 'incident.note', { text, links: [] })
const stopCommand = (key: string): Command => ({
  type: 'replicas.stop',
  key: idempotencyKey(key),
  data: { release: RELEASE },
})
const stopped = (at: EpochMs) => fact(at, ALICE, 'replicas.stopped', { release: RELEASE, replicas: 3 })

interface Counting {
  readonly notes: number
}

/** Counts notes. On `stop` asks for a command, on `later` for a timer, and on `twice` it adds a note of its own. */
const counting: Decider<Counting> = {
  name: 'counting',
  initial: { notes: 0 },
  decide: (state, event) => {
    if (event.type !== 'incident.note') return stay(state)
    const notes = state.notes + 1
    const { text } = event.data
    const decided = { ...stay({ notes }), why: [`note ${notes} says ${text}`] }
    const key = idempotencyKey('counting', notes)
    if (text === 'stop') return { ...decided, commands: [stopCommand(key)] }
    if (text === 'later') {
      const at = plus(event.at, minutes(1))
      return { ...decided, commands: [{ type: 'timer.set', key, data: { timer: 'minute', at } }] }
    }
    if (text === 'twice') return { ...decided, facts: [note('once more', event.at)] }
    return stay({ notes })
  },
}

const refuse = async () => {
  throw new Error('this handler is not part of the test')
}
const noHandlers: Handlers = {
  'migrations.apply': refuse,
  'replicas.start': refuse,
  'replicas.stop': refuse,
  'weights.set': refuse,
}

function setup(given: Partial<EngineOptions> = {}) {
  const clock = manualClock(START)
  const store = createMemoryStore(clock)
  const errors: unknown[] = []
  const options: EngineOptions = {
    store,
    deciders: [counting],
    handlers: noHandlers,
    clock,
    onError: (error) => errors.push(error),
    ...given,
  }
  const engine = createEngine(options)
  const heard: LedgerEvent[] = []
  engine.subscribe((event) => heard.push(event))
  const types = async () => (await engine.readAll(STREAM)).map((event) => event.type)
  const state = () => store.transact(STREAM, (transaction) => transaction.loadState('counting'))
  return { clock, store, engine, heard, errors, types, state }
}

describe('an append', () => {
  it('commits the event, the state after it, the reason and the command together (E1)', async () => {
    const { engine, store, state } = setup()
    const committed = await engine.append(STREAM, [note('stop')])
    expect(await engine.readAll(STREAM)).toEqual(committed)
    expect(committed[1]).toMatchObject({
      type: 'decision.made',
      at: START,
      source: { kind: 'premortem', name: 'counting' },
      data: {
        decider: 'counting',
        because: 'payment-service/1',
        why: ['note 1 says stop'],
        commands: ['replicas.stop counting:1'],
      },
    })
    expect(await state()).toEqual({ notes: 1 })
    expect(store.queued().map(({ command }) => command.key)).toEqual(['counting:1'])
  })

  it('commits nothing when a decider throws (E1)', async () => {
    const broken: Decider<null> = {
      name: 'broken',
      initial: null,
      decide: () => {
        throw new Error('a bug')
      },
    }
    const { engine, store, heard, state } = setup({ deciders: [counting, broken] })
    await expect(engine.append(STREAM, [note('stop')])).rejects.toThrow('a bug')
    expect(await engine.readAll(STREAM)).toEqual([])
    expect(await state()).toBeNull()
    expect([store.queued(), heard]).toEqual([[], []])
  })

  it('shows deciders what decisions add, in the order of the ledger, so that a replay gives the same state (E2)', async () => {
    const { engine, state, types } = setup()
    await engine.append(STREAM, [note('twice'), note('plain')])
    await engine.append(STREAM, [note('twice')])
    expect((await types()).filter((type) => type === 'incident.note')).toHaveLength(5)
    expect(await state()).toEqual({ notes: 5 })
    expect(replay([counting], await engine.readAll(STREAM))).toEqual({ counting: { notes: 5 } })
  })

  it('writes no decision when nothing was decided, and nothing at all when there is nothing to append', async () => {
    const { engine, types } = setup()
    expect(await engine.append(STREAM, [])).toEqual([])
    await engine.append(STREAM, [note('plain')])
    expect(await types()).toEqual(['incident.note'])
  })

  it('stops deciders that answer each other for ever, and keeps nothing of it', async () => {
    const echo: Decider<null> = {
      name: 'echo',
      initial: null,
      decide: (state, event) => ({ ...stay(state), facts: [note('and again', event.at)] }),
    }
    const { engine, types } = setup({ deciders: [echo] })
    await expect(engine.append(STREAM, [note('start')])).rejects.toThrow(`more than ${MAX_CASCADE_EVENTS} events`)
    expect(await types()).toEqual([])
  })

  it('is tried again when another process was first, and gives up with a problem that names the service', async () => {
    const inner = createMemoryStore({ now: () => START })
    let conflicts = 3
    const contended: Store = {
      read: inner.read,
      transact: async (stream, work) => {
        if (conflicts-- > 0) throw new StreamConflict(stream)
        return inner.transact(stream, work)
      },
    }
    const { engine } = setup({ store: contended })
    expect(await engine.append(STREAM, [note('plain')])).toHaveLength(1)
    conflicts = MAX_APPEND_TRIES
    await expect(engine.append(STREAM, [note('plain')])).rejects.toMatchObject({
      code: 'ledger-contended',
      message: expect.stringContaining('test/payment-service'),
    })
  })
})

describe('a listener', () => {
  it('is told of all events in order, after their commit, also when appends overlap (E4)', async () => {
    const { engine, heard } = setup()
    await Promise.all(Array.from({ length: 20 }, () => engine.append(STREAM, [note('twice')])))
    expect(heard).toEqual(await engine.readAll(STREAM))
    expect(heard).toHaveLength(60)
  })

  it('is told of what another process appended, before what this one appended after it (E4)', async () => {
    const { clock, store, engine, heard } = setup()
    const other = createEngine({ store, deciders: [counting], handlers: noHandlers, clock })
    await engine.append(STREAM, [note('mine')])
    await other.append(STREAM, [note('theirs'), note('theirs')])
    await engine.append(STREAM, [note('mine')])
    expect(heard.map((event) => event.sequence)).toEqual([1, 2, 3, 4])
  })

  it('that throws disturbs neither the append nor the others, and is reported', async () => {
    const { engine, errors, heard } = setup()
    engine.subscribe(() => {
      throw new Error('a bug in the listener')
    })
    const after: number[] = []
    const end = engine.subscribe((event) => after.push(event.sequence))
    await engine.append(STREAM, [note('plain')])
    end()
    await engine.append(STREAM, [note('plain')])
    expect([heard.length, after, errors.length]).toEqual([2, [1], 2])
  })
})

describe('a command', () => {
  it('is carried out, and its facts and its success are appended together', async () => {
    const { engine, store, types } = setup({
      handlers: { ...noHandlers, 'replicas.stop': async () => [stopped(START)] },
    })
    await engine.append(STREAM, [note('stop')])
    expect(await store.drain(engine)).toBe(1)
    expect(await types()).toEqual(['incident.note', 'decision.made', 'replicas.stopped', 'command.succeeded'])
  })

  it('is not carried out again once its success is on the ledger (E3)', async () => {
    let runs = 0
    const count = async () => {
      runs += 1
      return []
    }
    const { engine, types } = setup({ handlers: { ...noHandlers, 'replicas.stop': count } })
    expect(await engine.carryOut(STREAM, stopCommand('k'))).toBe('succeeded')
    expect(await engine.carryOut(STREAM, stopCommand('k'))).toBe('already-done')
    expect(runs).toBe(1)
    expect(await types()).toEqual(['command.succeeded'])
  })

  it('carried out by two workers at once succeeds once on the ledger (E3)', async () => {
    const { engine, types } = setup({ handlers: { ...noHandlers, 'replicas.stop': async () => [stopped(START)] } })
    const outcomes = await Promise.all([
      engine.carryOut(STREAM, stopCommand('k')),
      engine.carryOut(STREAM, stopCommand('k')),
    ])
    expect([...outcomes].sort()).toEqual(['already-done', 'succeeded'])
    expect(await types()).toEqual(['replicas.stopped', 'command.succeeded'])
  })

  it('that throws is tried again, and has failed after the last attempt, once and for good', async () => {
    let runs = 0
    const fail = async () => {
      runs += 1
      throw new Error('no such host')
    }
    const { engine, store } = setup({ handlers: { ...noHandlers, 'replicas.stop': fail } })
    await engine.append(STREAM, [note('stop')])
    expect(await store.drain(engine)).toBe(MAX_COMMAND_ATTEMPTS)
    expect((await engine.readAll(STREAM)).at(-1)).toMatchObject({
      type: 'command.failed',
      data: { key: 'counting:1', command: 'replicas.stop', error: 'no such host', attempts: MAX_COMMAND_ATTEMPTS },
    })
    expect(await engine.carryOut(STREAM, stopCommand('counting:1'))).toBe('already-done')
    expect(runs).toBe(MAX_COMMAND_ATTEMPTS)
  })

  it('that ends the process at every start is given up without another start', async () => {
    const { engine } = setup()
    const outcome = await engine.carryOut(STREAM, stopCommand('k'), { attempt: MAX_COMMAND_STARTS + 1 })
    expect(outcome).toBe('failed')
    expect((await engine.readAll(STREAM))[0]).toMatchObject({ data: { attempts: MAX_COMMAND_STARTS } })
  })

  it('that was told to stop has not failed: the next worker goes on, even after the last attempt', async () => {
    const stop = new AbortController()
    let start = () => {}
    const started = new Promise<void>((resolve) => {
      start = resolve
    })
    const untilAborted: Handlers['replicas.stop'] = (_command, _stream, signal) => {
      start()
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('told to stop'))))
    }
    const { engine, types } = setup({ handlers: { ...noHandlers, 'replicas.stop': untilAborted } })
    const work = engine.carryOut(STREAM, stopCommand('k'), { attempt: MAX_COMMAND_ATTEMPTS, signal: stop.signal })
    await started
    stop.abort(new Error('the worker stops'))
    await expect(work).rejects.toThrow('told to stop')
    const late = engine.carryOut(STREAM, stopCommand('k'), { signal: stop.signal })
    await expect(late).rejects.toThrow('the worker stops')
    expect(await types()).toEqual([])
  })

  it('that neither ends nor listens is left behind at its deadline', async () => {
    const { engine, clock } = setup({
      handlers: { ...noHandlers, 'replicas.stop': () => new Promise(() => undefined) },
      commandDeadline: seconds(30),
    })
    const work = engine.carryOut(STREAM, stopCommand('k'))
    const refused = expect(work).rejects.toThrow('replicas.stop was not done after 30 s')
    await clock.advance(seconds(31))
    await refused
    expect(clock.sleeping()).toBe(0)
  })

  it('leaves no timer behind when it ends in time', async () => {
    const { engine, clock } = setup({ handlers: { ...noHandlers, 'replicas.stop': async () => [] } })
    await engine.carryOut(STREAM, stopCommand('k'))
    await clock.advance(seconds(1))
    expect(clock.sleeping()).toBe(0)
  })
})

describe('a timer', () => {
  it('elapses at its time and not before', async () => {
    const { engine, store, clock } = setup()
    await engine.append(STREAM, [note('later')])
    await clock.advance(seconds(59))
    expect(await store.drain(engine)).toBe(0)
    await clock.advance(seconds(1))
    expect(await store.drain(engine)).toBe(1)
    const elapsed = (await engine.readAll(STREAM)).find((event) => event.type === 'timer.elapsed')
    expect(elapsed).toMatchObject({ at: START + 60_000, data: { timer: 'minute' } })
  })

  it('is never dated before its time, even when the queue’s clock is ahead of ours', async () => {
    const { engine } = setup()
    const at = plus(START, seconds(5))
    await engine.carryOut(STREAM, { type: 'timer.set', key: idempotencyKey('t'), data: { timer: 'early', at } })
    expect((await engine.readAll(STREAM))[0]?.at).toBe(at)
  })
})

describe('the command queue in memory', () => {
  it('says so when commands lead to each other without an end', async () => {
    const store = createMemoryStore({ now: () => START })
    await store.transact(STREAM, (transaction) => transaction.enqueue([stopCommand('endless')]))
    const carryOut = async () => {
      throw new Error('again')
    }
    await expect(store.drain({ carryOut })).rejects.toThrow('without an end')
  })
})
