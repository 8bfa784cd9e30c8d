import { describe, expect, it } from 'vitest'
import { counting, noHandlers, note, START, STREAM, setup } from '../../test/engine/fixtures/counting.ts'
import { type Decider, stay } from '../core/decider.ts'
import { type Store, StreamConflict } from '../core/store.ts'
import { MAX_CASCADE_EVENTS } from './decide.ts'
import { createEngine, MAX_APPEND_TRIES } from './engine.ts'
import { createMemoryStore } from './memory-store.ts'
import { replay } from './replay.ts'

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
