import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { enqueueCommands } from '../../src/adapters/jobs/enqueue.ts'
import { forgetSamples } from '../../src/adapters/postgres/ledger/forget-samples.ts'
import { migrateLedger } from '../../src/adapters/postgres/ledger/migrate.ts'
import { LEDGER_MIGRATIONS } from '../../src/adapters/postgres/ledger/migrations/index.ts'
import { createLedgerPool } from '../../src/adapters/postgres/ledger/pool.ts'
import { createSampleStore } from '../../src/adapters/postgres/ledger/sample-store.ts'
import { createStore } from '../../src/adapters/postgres/ledger/store.ts'
import { setTestClock } from '../../src/adapters/postgres/ledger/test-clock.ts'
import { epochMs } from '../../src/base/time.ts'
import { releaseId } from '../../src/base/units.ts'
import { startTestServer, type TestServer } from './database.ts'
import { describeStore, note, payments } from './store-contract.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

const AT = epochMs(Date.UTC(2024, 2, 15, 14, 32))

describeStore('the store in PostgreSQL', async () => {
  const { pool } = await server.database()
  const store = createStore({ pool, enqueue: enqueueCommands })
  const enqueued = async () => {
    const jobs = await pool.query('select payload from graphile_worker._private_jobs order by id')
    return jobs.rows.map((job) => job.payload.command.key)
  }
  return { store, enqueued }
})

describe('the ledger in PostgreSQL', () => {
  let pool: pg.Pool
  beforeEach(async () => {
    pool = (await server.database()).pool
    const store = createStore({ pool, enqueue: enqueueCommands })
    await store.transact(payments, (transaction) =>
      transaction.append([note('march', AT), note('april', epochMs(AT + 86_400_000 * 30))]),
    )
  })
  const failure = (statement: string) =>
    pool.query(statement).then(
      () => 'done',
      (error: Error) => error.message,
    )

  it('refuses to change, remove or truncate events, by way of the partitions, too', async () => {
    for (const table of ['premortem.events', 'premortem.events_2024_03']) {
      for (const change of [`update ${table} set type = 'x'`, `delete from ${table}`, `truncate ${table}`]) {
        expect(await failure(change)).toContain('the ledger is append-only')
      }
    }
  })

  it('refuses them by permission to the role that services write with, which can append, also into a new month', async () => {
    const writer = await pool.connect()
    try {
      await writer.query('set role premortem_writer')
      for (const change of ['update premortem.events set type = null', 'delete from premortem.events']) {
        await expect(writer.query(change)).rejects.toThrow('permission denied')
      }
      await writer.query(`select premortem.ensure_partition('2031-05-01')`)
      await writer.query(`insert into premortem.events (environment, service, sequence, id, at, source, type, data)
        values ('test', 'payment-service', 3, 'payment-service/3', '2031-05-02', '{}', 'x', '{}')`)
    } finally {
      await writer.query('reset role')
      writer.release()
    }
  })

  it('keeps each month in a partition of its own and has no default partition', async () => {
    const partitions = await pool.query(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'premortem.events'::regclass order by 1`,
    )
    expect(partitions.rows.map(({ name }) => name)).toEqual(['premortem.events_2024_03', 'premortem.events_2024_04'])
  })

  it('lets many writers open the same new month at once, with every connection of the pool in a transaction', async () => {
    const store = createStore({ pool, enqueue: enqueueCommands })
    const writers = Array.from({ length: 5 }, (_, writer) =>
      store.transact({ ...payments, environment: `other-${writer}` }, (transaction) =>
        transaction.append([note('june', epochMs(Date.UTC(2024, 5, 1)))]),
      ),
    )
    expect(await Promise.all(writers)).toHaveLength(5)
  })

  it('keeps facts that quote what PostgreSQL cannot keep: NUL and half surrogates become U+FFFD', async () => {
    const store = createStore({ pool, enqueue: enqueueCommands })
    const [event] = await store.transact(payments, (transaction) => transaction.append([note('a\0b\ud800c', AT)]))
    expect(event?.data).toMatchObject({ text: 'a\ufffdb\ufffdc' })
    expect((await store.read(payments, { after: 2 }))[0]).toEqual(event)
  })

  it('stamps events with the test clock of the database or of the session, and with the machine otherwise', async () => {
    const store = createStore({ pool, enqueue: enqueueCommands })
    const stamp = async () => {
      const [event] = await store.transact(payments, (transaction) => transaction.append([note('stamped', AT)]))
      const stamped = 'select recorded_at from premortem.events where sequence = $1'
      return (await pool.query(stamped, [event?.sequence])).rows[0]?.recorded_at.getTime()
    }
    await setTestClock(pool, epochMs(1_000_000_000_000))
    await setTestClock(pool, epochMs(1_000_000_000_250))
    expect(await stamp()).toBe(1_000_000_000_250)
    await setTestClock(pool, null)
    const machine = await pool.query('select clock_timestamp() as now')
    expect(await stamp()).toBeGreaterThanOrEqual(machine.rows[0]?.now.getTime())
    const session = await pool.query(
      `select premortem.now() as now from set_config('premortem.test_now', '2001-09-09T01:46:40Z', true)`,
    )
    expect(session.rows[0]?.now.getTime()).toBe(1_000_000_000_000)
  })

  it('says that the database cannot be reached, that this may pass, and what to look at', async () => {
    const url = 'postgres://nobody@127.0.0.1:1/nothing'
    const lost = createLedgerPool({ connectionString: url, onError: () => undefined })
    const store = createStore({ pool: lost, enqueue: enqueueCommands })
    await expect(store.read(payments)).rejects.toMatchObject({ code: 'ledger-unavailable', retriable: true })
    await expect(store.transact(payments, (tx) => tx.head())).rejects.toMatchObject({ code: 'ledger-unavailable' })
    await expect(migrateLedger(lost)).rejects.toMatchObject({ code: 'ledger-unavailable' })
    await lost.end()
  })
})

describe('the schema of the ledger', () => {
  it('is made by several processes at once, and again, without harm', async () => {
    const { pool } = await server.database({ empty: true })
    await Promise.all([migrateLedger(pool), migrateLedger(pool), migrateLedger(pool)])
    await migrateLedger(pool)
    const done = await pool.query('select name from premortem.migrations order by name')
    expect(done.rows.map(({ name }) => name)).toEqual(Object.keys(LEDGER_MIGRATIONS))
  })

  it('is refused when a newer version made it', async () => {
    const { pool } = await server.database()
    await pool.query(`insert into premortem.migrations values ('9999-from-the-future', now()::text)`)
    await expect(migrateLedger(pool)).rejects.toMatchObject({ code: 'ledger-schema-newer' })
  })

  it('names the step that failed, and leaves nothing half-made', async () => {
    const { pool } = await server.database({ empty: true })
    await pool.query('create schema premortem; create table premortem.events ()')
    await expect(migrateLedger(pool)).rejects.toMatchObject({
      code: 'ledger-migration-failed',
      message: expect.stringContaining('0002-events'),
    })
    const left = await pool.query(`select to_regclass('premortem.test_clock') as clock`)
    expect(left.rows[0]?.clock).toBeNull()
  })
})

describe('the sample store in PostgreSQL', () => {
  it('gives back the points of one stream in the order of time, however many were written at once', async () => {
    const { pool } = await server.database()
    const samples = createSampleStore({ pool })
    const point = (index: number) => ({
      at: epochMs(AT + index),
      service: payments.service,
      release: index % 2 ? releaseId('2.3.1') : null,
      metric: 'error_rate_percent',
      value: index / 3,
    })
    const points = Array.from({ length: 12_000 }, (_, index) => point(index))
    await samples.append(payments.environment, [...points].reverse())
    await samples.append('elsewhere', [point(1)])
    await samples.append(payments.environment, [])
    expect(await samples.read(payments)).toEqual(points)
  })

  it('forgets the points of old environments, and neither those of others nor any event', async () => {
    const { pool } = await server.database()
    const samples = createSampleStore({ pool })
    const store = createStore({ pool, enqueue: enqueueCommands })
    const old = { ...payments, environment: 'drill-20260101T101500-guarded' }
    const point = { at: AT, service: payments.service, release: null, metric: 'pool_used', value: 3 }
    for (const stream of [old, payments]) {
      await samples.append(stream.environment, [point])
      await store.transact(stream, (transaction) => transaction.append([note('kept', AT)]))
    }
    const isOld = (environment: string) => environment === old.environment
    expect(await forgetSamples({ pool, isOld })).toEqual([old.environment])
    expect(await samples.read(old)).toEqual([])
    expect(await samples.read(payments)).toEqual([point])
    expect(await store.read(old)).toHaveLength(1)
    expect(await forgetSamples({ pool, isOld })).toEqual([])
  })
})
