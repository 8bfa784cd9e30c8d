import { setTimeout as wait } from 'node:timers/promises'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { enqueueCommands } from '../../src/adapters/jobs/enqueue.ts'
import { type Jobs, type JobsOptions, migrateJobs, startJobs } from '../../src/adapters/jobs/jobs.ts'
import { createLedgerPool } from '../../src/adapters/postgres/ledger/pool.ts'
import { createStore } from '../../src/adapters/postgres/ledger/store.ts'
import { idempotencyKey } from '../../src/base/ids.ts'
import { epochMs, ms, seconds } from '../../src/base/time.ts'
import { serviceName } from '../../src/base/units.ts'
import type { Command } from '../../src/core/commands.ts'
import type { Stream } from '../../src/core/events.ts'
import { startTestServer, type TestServer } from './database.ts'
import { note, openEngine, STREAM } from './fixtures/settling.ts'
import { payments, stopReplicas } from './store-contract.ts'

const orders: Stream = { environment: 'test', service: serviceName('order-service') }

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

const running: Jobs[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((jobs) => jobs.stop()))
})
const start = async (options: JobsOptions): Promise<Jobs> => {
  const jobs = await startJobs(options)
  running.push(jobs)
  return jobs
}

/** Resolves when `reached` says so. @throws after 20 s. */
async function until(what: string, reached: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await reached()) return
    await wait(50)
  }
  throw new Error(`not within 20 s: ${what}`)
}

const enqueue = (pool: pg.Pool, stream: Stream, commands: readonly Command[]) =>
  createStore({ pool, enqueue: enqueueCommands }).transact(stream, (transaction) => transaction.enqueue(commands))

const waitingJobs = async (pool: pg.Pool): Promise<number> =>
  (await pool.query('select count(*)::int as jobs from graphile_worker.jobs')).rows[0]?.jobs

describe('queued commands', () => {
  it('are carried out by the engine, and what came of them is on the ledger', async () => {
    const { connectionString, pool } = await server.database()
    await pool.query('create table effects (key text)')
    const { engine, pool: mine } = openEngine(connectionString)
    await start({
      database: { pool },
      onCommand: (job, at) => engine.carryOut(job.stream, job.command, at),
    })
    await engine.append(
      STREAM,
      [1, 2, 3, 4, 5].map((index) => note(`${index}`)),
    )
    const types = async () => (await engine.readAll(STREAM)).map((event) => event.type)
    await until('six commands succeed', async () => {
      return (await types()).filter((type) => type === 'command.succeeded').length === 6
    })
    expect((await types()).filter((type) => type === 'replicas.stopped')).toHaveLength(5)
    expect((await types()).filter((type) => type === 'timer.elapsed')).toHaveLength(1)
    await until('the queue is empty', async () => (await waitingJobs(pool)) === 0)
    await running.splice(0)[0]?.stop()
    await mine.end()
  })

  it('of one service run one at a time in their order, beside those of another service', async () => {
    const { pool } = await server.database()
    const log: string[] = []
    let open = 0
    const begun: Record<string, number> = {}
    await start({
      database: { pool },
      onCommand: async ({ stream, command }) => {
        begun[stream.service] = (begun[stream.service] ?? 0) + 1
        open += 1
        expect(begun[stream.service]).toBe(1)
        await wait(50)
        log.push(`${stream.service} ${command.key}${open === 2 ? ' beside another' : ''}`)
        open -= 1
        begun[stream.service] = 0
      },
    })
    const keys = ['1', '2', '3', '4']
    await Promise.all([enqueue(pool, payments, keys.map(stopReplicas)), enqueue(pool, orders, keys.map(stopReplicas))])
    await until('all are done', () => log.length === 8)
    const ofPayments = log.filter((line) => line.startsWith('payment-service')).map((line) => line.split(' ')[1])
    expect(ofPayments).toEqual(keys)
    expect(log.some((line) => line.endsWith('beside another'))).toBe(true)
  })

  it('do not hold up a timer of their service, and a timer does not hold them up', async () => {
    const { pool } = await server.database()
    const done: string[] = []
    await start({
      database: { pool },
      onCommand: async ({ command }) => {
        if (command.key === 'slow') await until('the timer has elapsed', () => done.includes('soon'))
        done.push(command.key)
      },
    })
    const timer = (key: string, inMs: number): Command => ({
      type: 'timer.set',
      key: idempotencyKey(key),
      data: { timer: key, at: epochMs(Date.now() + inMs) },
    })
    await enqueue(pool, payments, [timer('never', 3_600_000), timer('soon', 200), stopReplicas('slow')])
    await until('the slow command is done', () => done.includes('slow'))
    expect(done).toEqual(['soon', 'slow'])
  })

  it('that throw are tried again, and are told which attempt it is', async () => {
    const { pool } = await server.database()
    const attempts: number[] = []
    await start({
      database: { pool },
      onCommand: async (_job, { attempt }) => {
        attempts.push(attempt)
        if (attempt === 1) throw new Error('not yet')
      },
    })
    await enqueue(pool, payments, [stopReplicas('again')])
    await until('the second attempt', () => attempts.length === 2)
    expect(attempts).toEqual([1, 2])
  })

  it('go on after all connections to the server are cut', async () => {
    const { pool } = await server.database()
    const done: string[] = []
    await start({ database: { pool }, onCommand: async ({ command }) => void done.push(command.key) })
    await enqueue(pool, payments, [stopReplicas('before')])
    await until('the first is done', () => done.length === 1)
    await pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    )
    await enqueue(pool, payments, [stopReplicas('after')])
    await until('the second is done', () => done.length === 2)
  })
})

describe('stopping', () => {
  it('lets a running command end, and begins no other', async () => {
    const { pool } = await server.database()
    const begun: string[] = []
    const done: string[] = []
    const jobs = await start({
      database: { pool },
      onCommand: async ({ command }) => {
        begun.push(command.key)
        await wait(500)
        done.push(command.key)
      },
    })
    await enqueue(pool, payments, [stopReplicas('running'), stopReplicas('waiting')])
    await until('it runs', () => begun.length === 1)
    await jobs.stop()
    expect([begun, done]).toEqual([['running'], ['running']])
    expect(await waitingJobs(pool)).toBe(1)
  })

  it('tells a long command to end, puts back one that does not listen, and the next worker takes it', async () => {
    const { pool } = await server.database()
    let told = false
    const stop = new AbortController()
    const jobs = await start({
      database: { pool },
      signal: stop.signal,
      stopDeadline: ms(400),
      onCommand: (_job, { signal }) => {
        signal.addEventListener('abort', () => {
          told = true
        })
        return new Promise(() => undefined)
      },
    })
    await enqueue(pool, payments, [stopReplicas('stubborn')])
    await until('it runs', async () => {
      return (await pool.query('select from graphile_worker.jobs where locked_by is not null')).rowCount === 1
    })
    stop.abort()
    await jobs.stop()
    expect(told).toBe(true)
    const taken: number[] = []
    await start({
      database: { pool },
      onCommand: async (_job, { attempt }) => void taken.push(attempt),
    })
    await until('another worker has taken it', () => taken.length === 1)
    expect(taken).toEqual([2])
  })

  it('gives all connections back', async () => {
    const { pool } = await server.database()
    const jobs = await startJobs({ database: { pool }, onCommand: async () => undefined })
    await until('it listens and shows life', () => pool.totalCount - pool.idleCount >= 2)
    await Promise.all([jobs.stop(), jobs.stop()])
    expect(pool.totalCount - pool.idleCount).toBe(0)
  })
})

describe('starting', () => {
  it('rejects when the database cannot be reached', async () => {
    const connectionString = 'postgres://nobody@127.0.0.1:1/nothing'
    const pool = createLedgerPool({ connectionString, onError: () => undefined })
    const database = { pool }
    await expect(startJobs({ database, onCommand: async () => undefined })).rejects.toThrow('ECONNREFUSED')
    await expect(migrateJobs(database)).rejects.toThrow('ECONNREFUSED')
    await pool.end()
  })

  it('is quiet unless told where to log', async () => {
    const { pool } = await server.database()
    const lines: string[] = []
    await start({
      database: { pool },
      onCommand: async () => undefined,
      stopDeadline: seconds(1),
      log: (level, message) => lines.push(`${level} ${message}`),
    })
    await until('the task is named', () => lines.join('\n').includes('premortem.command'))
  })
})
