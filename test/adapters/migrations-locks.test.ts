import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ms } from '../../src/base/time.ts'
import { realClock } from './fixtures/clock.ts'
import { query, startPostgres, type TestPostgres, withClient } from './fixtures/postgres.ts'
import { type TestRelease, testRelease } from './fixtures/release.ts'
import { until } from './fixtures/wait.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

let database: string
let release: TestRelease
beforeEach(async () => {
  database = await postgres.database()
  release = testRelease(database)
})
afterEach(() => release.remove())

describe('a migration that waits for a lock', () => {
  const fast = { lockTimeout: ms(100), lockAttempts: 20 }
  beforeEach(async () => {
    await query(database, 'CREATE TABLE busy (x int)')
    release.write('0001.sql', 'CREATE TABLE first (x int);\nALTER TABLE busy ADD COLUMN y int;')
  })

  it('gives way after its lock timeout and tries the whole file again', async () => {
    const applied = await withClient(database, async (holder) => {
      await holder.query('begin')
      await holder.query('select * from busy')
      const applying = release.apply(fast)
      await until('it has waited in vain', async () => {
        const rows = await query<{ n: string }>(
          database,
          `select state, query as n from pg_stat_activity where application_name = 'premortem-migrate' and query ilike 'rollback'`,
        )
        return rows.length > 0
      })
      await holder.query('commit')
      return applying
    })
    expect(applied.map(({ line }) => line)).toEqual([1, 2])
    expect(await release.tables()).toEqual(['busy', 'first'])
  })

  it('gives up after a bounded number of attempts, and leaves nothing', async () => {
    await withClient(database, async (holder) => {
      await holder.query('begin')
      await holder.query('select * from busy')
      await expect(release.apply({ ...fast, lockAttempts: 2 })).rejects.toMatchObject({
        code: 'migration-lock-timeout',
        retriable: true,
        where: expect.stringMatching(/0001.sql:2$/),
      })
    })
    expect(await release.tables()).toEqual(['busy'])
  })

  it('is cancelled in the database when it is called off', async () => {
    const controller = new AbortController()
    await withClient(database, async (holder) => {
      await holder.query('begin')
      await holder.query('select * from busy')
      const applying = expect(release.apply({ lockTimeout: ms(60_000) }, controller.signal)).rejects.toThrow(
        'called off',
      )
      await until('it waits', async () => {
        const rows = await query(database, `select 1 from pg_stat_activity where wait_event_type = 'Lock'`)
        return rows.length > 0
      })
      controller.abort(new Error('called off'))
      await applying
      const left = await query(database, `select 1 from pg_stat_activity where application_name = 'premortem-migrate'`)
      expect(left).toEqual([])
    })
    expect(await release.tables()).toEqual(['busy'])
  })
})

describe('a migration with CONCURRENTLY', () => {
  beforeEach(() => query(database, 'CREATE TABLE payments (id int)', 'INSERT INTO payments VALUES (1), (1)'))

  it('runs outside a transaction and tells the index that it built', async () => {
    release.write('0001.sql', 'CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_id ON payments (id);')
    const [applied] = await release.apply()
    expect(applied?.created).toEqual([
      { name: 'idx_id', table: 'payments', definition: 'CREATE INDEX idx_id ON public.payments USING btree (id)' },
    ])
    expect(await release.apply()).toEqual([])
  })

  it('names the invalid index that a failed build left, and does not take it for built afterwards', async () => {
    release.write(
      '0001.sql',
      'CREATE INDEX CONCURRENTLY idx_a ON payments (id);\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS idx_u ON payments (id);',
    )
    await expect(release.apply()).rejects.toMatchObject({
      code: 'migration-failed',
      where: expect.stringMatching(/0001.sql:2$/),
      message: expect.stringContaining('idx_u'),
      remedy: expect.stringContaining('DROP INDEX CONCURRENTLY idx_u'),
    })
    await query(database, 'DELETE FROM payments')
    await expect(release.apply()).rejects.toMatchObject({
      code: 'index-invalid',
      message: expect.stringContaining('idx_u'),
    })
    await query(database, 'DROP INDEX idx_u')
    const applied = await release.apply()
    // The first statement ran once, long ago, and is told now: the attempts in between failed.
    expect(applied.map(({ line, created }) => [line, created.map(({ name }) => name)])).toEqual([
      [1, ['idx_a']],
      [2, ['idx_u']],
    ])
    expect(await release.indexes()).toEqual(['idx_a', 'idx_u'])
  })

  it('waits longer than the lock timeout for old transactions, which is how it works', async () => {
    release.write('0001.sql', 'CREATE INDEX CONCURRENTLY idx_id ON payments (id);')
    await withClient(database, async (holder) => {
      await holder.query('begin')
      await holder.query('insert into payments values (7)')
      const applying = release.apply({ lockTimeout: ms(50) })
      await until('the build waits', async () => {
        const rows = await query(database, `select 1 from pg_stat_progress_create_index where phase like 'waiting%'`)
        return rows.length > 0
      })
      await realClock.sleep(ms(200))
      await holder.query('commit')
      expect(await applying).toHaveLength(1)
    })
  })
})
