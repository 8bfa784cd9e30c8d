import { describe, expect, it } from 'vitest'
import { noHandlers, note, START, STREAM, setup, stopCommand, stopped } from '../../test/engine/fixtures/counting.ts'
import { idempotencyKey } from '../base/ids.ts'
import { plus, seconds } from '../base/time.ts'
import { type Handlers, MAX_COMMAND_ATTEMPTS, MAX_COMMAND_STARTS } from './engine.ts'
import { createMemoryStore } from './memory-store.ts'

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
