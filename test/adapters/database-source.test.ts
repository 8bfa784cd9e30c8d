import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createDatabaseSource, type DatabaseSource } from '../../src/adapters/postgres/watched/database-source.ts'
import { ms } from '../../src/base/time.ts'
import { realClock } from './fixtures/clock.ts'
import { query, startPostgres, type TestPostgres, withClient } from './fixtures/postgres.ts'
import { until } from './fixtures/wait.ts'

const never = new AbortController().signal
const PAYMENTS = 'payment-service@2.3.1'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres({ max_connections: '30' })
})
afterAll(() => postgres.stop())

let database: string
let source: DatabaseSource
beforeEach(async () => {
  database = await postgres.database()
  await query(database, 'create extension pg_stat_statements', 'create table payments (id int, status text)')
  source = createDatabaseSource({ connectionString: database, clock: realClock, deadline: ms(15_000) })
})
afterEach(() => source.close())

async function look() {
  const { sample, missing } = await source.sample(never)
  if (sample === null) throw new Error(`no sample: ${missing.join(', ')}`)
  return { sample, missing }
}

describe('a look at the database', () => {
  it('groups the sessions by application, state and what they wait for, its own left out', async () => {
    await withClient(
      database,
      async (idle) => {
        await idle.query('select 1')
        await withClient(
          database,
          async (holder) => {
            await holder.query('begin')
            await holder.query('lock table payments')
            await withClient(
              database,
              async (waiting) => {
                const blocked = waiting.query('select count(*) from payments')
                await until('it waits for the lock', async () => {
                  const { sample } = await look()
                  return sample.running.some(({ waitEventType }) => waitEventType === 'Lock')
                })
                const { sample, missing } = await look()
                expect(missing).toEqual([])
                const groups = sample.activity.map(
                  ({ application, service, release, state, waitEventType, waitEvent, count }) =>
                    [application, service, release, state, waitEventType, waitEvent, count].join(' | '),
                )
                expect(groups.sort()).toEqual([
                  'migration |  |  | idle in transaction | Client | ClientRead | 1',
                  'payment-service@2.3.1 | payment-service | 2.3.1 | active | Lock | relation | 1',
                  'payment-service@2.3.1 | payment-service | 2.3.1 | idle | Client | ClientRead | 1',
                ])
                expect(sample.running).toMatchObject([
                  {
                    service: 'payment-service',
                    release: '2.3.1',
                    query: 'select count(*) from payments',
                    waitEvent: 'relation',
                  },
                ])
                // It waits for its table before PostgreSQL has read it whole, so it has no id yet.
                expect(sample.running[0]?.queryId).toBeNull()
                expect(sample.running[0]?.age).toBeGreaterThan(0)
                expect(
                  Math.abs((sample.running[0]?.startedAt ?? 0) + (sample.running[0]?.age ?? 0) - Date.now()),
                ).toBeLessThan(60_000)
                await holder.query('rollback')
                await blocked
              },
              { application_name: PAYMENTS },
            )
          },
          { application_name: 'migration' },
        )
      },
      { application_name: PAYMENTS },
    )
  })

  it('tells the oldest statements first', async () => {
    const first = new pg.Client({ connectionString: database })
    const second = new pg.Client({ connectionString: database })
    await Promise.all([first.connect(), second.connect()])
    const [one, two] = [
      first.query('select pg_sleep(1), 1 as first'),
      new Promise((resolve) => setTimeout(resolve, 50)).then(() => second.query('select pg_sleep(1), 2 as second')),
    ]
    await until('both run', async () => (await look()).sample.running.length === 2)
    const { sample } = await look()
    expect(sample.running.map(({ query: text }) => text.slice(-5))).toEqual(['first', 'econd'])
    for (const { queryId } of sample.running) expect(queryId).toMatch(/^-?\d+$/)
    await Promise.all([one, two])
    await Promise.all([first.end(), second.end()])
  })

  it('counts connections against what the server allows', async () => {
    const before = (await look()).sample.connections
    expect(before).toMatchObject({ max: 30, reserved: 3 })
    await withClient(database, async () => {
      expect((await look()).sample.connections.used).toBe(before.used + 1)
    })
  })

  it('keeps looking when all connections of the server are taken', async () => {
    await look()
    const taken: pg.Client[] = []
    try {
      for (;;) {
        const client = new pg.Client({ connectionString: database })
        await client.connect()
        taken.push(client)
      }
    } catch (error) {
      expect(error).toMatchObject({ code: '53300' })
    }
    const { sample, missing } = await look()
    expect(missing).toEqual([])
    expect(sample.connections.used).toBe(30)
    await Promise.all(taken.map((client) => client.end()))
  })

  it('counts what each statement did between two looks, by its normalised text, its own left out', async () => {
    await look()
    await query(
      database,
      ...Array.from({ length: 3 }, (_, i) => `select * from payments where id = ${i}`),
      'insert into payments values (1), (2)',
    )
    const { sample } = await look()
    const found = Object.fromEntries(sample.statements.map(({ query: text, calls, rows }) => [text, { calls, rows }]))
    expect(found).toEqual({
      'select * from payments where id = $1': { calls: 3, rows: 0 },
      'insert into payments values ($1), ($2)': { calls: 1, rows: 2 },
    })
    expect(sample.statements.every(({ totalMs }) => totalMs > 0)).toBe(true)
    expect((await look()).sample.statements).toEqual([])
  })

  it('counts from 0 when the statistics were reset between two looks', async () => {
    const statement = 'select count(*) from payments'
    await query(database, ...Array(5).fill(statement))
    await look()
    await query(database, 'select pg_stat_statements_reset()', ...Array(6).fill(statement))
    const { sample } = await look()
    expect(sample.statements.find(({ query: text }) => text === statement)?.calls).toBe(6)
  })

  it('says when there are no statement statistics, goes on without, and takes them once they are there', async () => {
    await query(database, 'drop extension pg_stat_statements')
    const first = await look()
    expect(first.missing).toEqual([
      'statement statistics: the extension pg_stat_statements is not installed in this database',
    ])
    expect(first.sample.connections.max).toBe(30)
    await query(database, 'create schema monitoring', 'create extension pg_stat_statements schema monitoring')
    expect((await look()).missing).toEqual([])
    await query(database, 'select * from payments')
    expect((await look()).sample.statements.map(({ query: text }) => text)).toContain('select * from payments')
    await query(database, 'drop extension pg_stat_statements')
    expect((await look()).missing).toHaveLength(1)
  })

  it('follows the build of an index, also while it waits for others', async () => {
    await query(database, 'insert into payments select n, n::text from generate_series(1, 1000) n')
    await withClient(database, async (holder) => {
      await holder.query('begin')
      await holder.query("insert into payments values (0, 'open')")
      await withClient(database, async (builder) => {
        const building = builder.query('create index concurrently idx_payments_status on payments (status)')
        await until('the build waits', async () => (await look()).sample.indexBuilds[0]?.lockersTotal === 1)
        expect((await look()).sample.indexBuilds).toMatchObject([
          {
            index: 'idx_payments_status',
            table: 'payments',
            phase: 'waiting for writers before build',
            progress: null,
            lockersDone: 0,
            lockersTotal: 1,
          },
        ])
        await holder.query('commit')
        await building
        expect((await look()).sample.indexBuilds).toEqual([])
      })
    })
  })
})

describe('a database that is in trouble', () => {
  it('is named as missing while it is down, and looked at again once it is back', async () => {
    await look()
    const ended = postgres.restart()
    const silent: string[] = []
    await until('a look found no server', async () => {
      const { sample, missing } = await source.sample(never)
      if (sample === null) silent.push(...missing)
      return sample === null
    })
    await ended
    await until('the server is looked at again', async () => (await source.sample(never)).sample !== null)
    expect(silent[0]).toMatch(/^database: /)
    expect(silent.join()).not.toContain(new URL(database).password || 'no password')
  })

  it('is named as missing when it does not exist', async () => {
    const none = createDatabaseSource({
      connectionString: postgres.server.connectionString('no_such_database'),
      clock: realClock,
    })
    expect(await none.sample(never)).toEqual({
      sample: null,
      missing: ['database: no connection: database "no_such_database" does not exist'],
    })
    await none.close()
  })

  it('does not hold up the look for longer than its deadline, and is asked again on a new connection', async () => {
    // Connected first, so that the newest session is the impatient one's.
    await look()
    const impatient = createDatabaseSource({ connectionString: database, clock: realClock, deadline: ms(1500) })
    await until('it looks', async () => (await impatient.sample(never)).sample !== null)
    const backend = await backendOf('premortem-watch')
    process.kill(backend, 'SIGSTOP')
    try {
      const { sample, missing } = await impatient.sample(never)
      expect(sample).toBeNull()
      expect(missing).toEqual(['database: no answer in time'])
    } finally {
      process.kill(backend, 'SIGCONT')
    }
    await until('it answers again', async () => (await impatient.sample(never)).sample !== null)
    await impatient.close()
  })
})

/** The backend's process id as this machine counts it. */
async function backendOf(application: string): Promise<number> {
  const rows = await query<{ pid: number }>(
    database,
    `select pid from pg_stat_activity where application_name = '${application}' order by backend_start desc limit 1`,
  )
  const [row] = rows
  if (row === undefined) throw new Error(`no session of ${application}`)
  return row.pid
}
