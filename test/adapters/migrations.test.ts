import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMigrations, type MigrationsOptions } from '../../src/adapters/postgres/migrations/runner.ts'
import { ms } from '../../src/base/time.ts'
import { releaseId } from '../../src/base/units.ts'
import { realClock } from './fixtures/clock.ts'
import { query, startPostgres, type TestPostgres, withClient } from './fixtures/postgres.ts'
import { until } from './fixtures/wait.ts'

const never = new AbortController().signal
const release = releaseId('2.3.1')

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

let folder: string
let database: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'premortem-migrations-'))
  database = await postgres.database()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, sql: string): void {
  const place = join(folder, release, 'migrations')
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, name), sql)
}
const apply = (more: Partial<MigrationsOptions> = {}, signal = never) =>
  createMigrations({
    connectionString: database,
    folderOf: (of) => join(folder, of, 'migrations'),
    clock: realClock,
    ...more,
  }).apply(release, signal)

const tables = async () =>
  (
    await query<{ name: string }>(
      database,
      `select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'premortem_migrations' order by 1`,
    )
  ).map(({ name }) => name)
const indexes = async () =>
  (
    await query<{ name: string }>(
      database,
      `select indexname as name from pg_indexes where schemaname = 'public' order by 1`,
    )
  )
    .map(({ name }) => name)
    .filter((name) => name !== 'premortem_migrations_pkey')

describe('the migrations of a release', () => {
  it('run statement by statement in the order of the names, and tell which indexes came and went, and where', async () => {
    write('0002_more.sql', 'DROP INDEX idx_payments_created_at;\n')
    write(
      '0001_tables.sql',
      '-- the tables\nCREATE TABLE payments (id bigint PRIMARY KEY, created_at timestamptz);\n\n-- sorted by time\nCREATE INDEX idx_payments_created_at\n  ON payments (created_at);\nINSERT INTO payments VALUES (1, now());',
    )
    write('notes.txt', 'not SQL')
    const applied = await apply()
    expect(applied.map(({ file, line }) => `${file}:${line}`)).toEqual([
      '2.3.1/migrations/0001_tables.sql:2',
      '2.3.1/migrations/0001_tables.sql:5',
      '2.3.1/migrations/0001_tables.sql:7',
      '2.3.1/migrations/0002_more.sql:1',
    ])
    expect(applied.map(({ created }) => created.map(({ name }) => name))).toEqual([
      ['payments_pkey'],
      ['idx_payments_created_at'],
      [],
      [],
    ])
    expect(applied[3]?.dropped).toEqual([
      {
        name: 'idx_payments_created_at',
        table: 'payments',
        definition: 'CREATE INDEX idx_payments_created_at ON public.payments USING btree (created_at)',
      },
    ])
    expect(applied[3]?.sql).toBe('DROP INDEX idx_payments_created_at')
    expect(applied.every(({ took }) => took > 0)).toBe(true)
  })

  it('run once, and a new file later', async () => {
    write('0001.sql', 'CREATE TABLE a (x int);')
    expect(await apply()).toHaveLength(1)
    expect(await apply()).toEqual([])
    write('0002.sql', 'CREATE TABLE b (x int);')
    expect((await apply()).map(({ sql }) => sql)).toEqual(['CREATE TABLE b (x int)'])
    expect(await tables()).toEqual(['a', 'b'])
  })

  it('are nothing for a release without a folder', async () => {
    expect(await apply()).toEqual([])
  })

  it('may hold DO blocks, functions in every quoting and statements over many lines', async () => {
    write(
      '0001.sql',
      `CREATE TABLE t (x int);
DO $do$
BEGIN
  EXECUTE $$ INSERT INTO t VALUES (1); $$;
  INSERT INTO t SELECT 2; -- it's fine; really
END
$do$;
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql
BEGIN ATOMIC
  SELECT CASE WHEN n > 0 THEN n * 2 ELSE 0 END;
END;
INSERT INTO t SELECT twice(21), E'\\';' = ';' WHERE false;
`.replace("SELECT twice(21), E'\\';' = ';' WHERE false", "SELECT twice(21) WHERE E'\\';' <> ';'"),
    )
    const applied = await apply()
    expect(applied.map(({ line }) => line)).toEqual([1, 2, 8, 12])
    expect(await query(database, 'select x from t order by x')).toEqual([{ x: 1 }, { x: 2 }, { x: 42 }])
  })

  it('are refused when a file was changed after it was applied; nothing further runs', async () => {
    write('0001.sql', 'CREATE TABLE a (x int);')
    await apply()
    write('0001.sql', 'CREATE TABLE a (x bigint);')
    write('0002.sql', 'CREATE TABLE b (x int);')
    await expect(apply()).rejects.toMatchObject({ code: 'migration-changed' })
    expect(await tables()).toEqual(['a'])
  })

  it('stop at a statement that fails: its file leaves nothing, and the place and the reason are named', async () => {
    write('0001.sql', 'CREATE TABLE kept (x int);')
    write('0002.sql', 'CREATE TABLE a (x int);\nINSERT INTO a\nVALUES (1,\n  no_such_column);\n')
    await expect(apply()).rejects.toMatchObject({
      code: 'migration-failed',
      where: join(folder, release, 'migrations', '0002.sql:4'),
      message: expect.stringContaining(
        '2.3.1/migrations/0002.sql:4 failed: column "no_such_column" does not exist (42703)',
      ),
    })
    expect(await tables()).toEqual(['kept'])
    write('0002.sql', 'CREATE TABLE a (x int);')
    const applied = await apply()
    expect(applied.map(({ sql }) => sql)).toEqual(['CREATE TABLE kept (x int)', 'CREATE TABLE a (x int)'])
  })

  it.each(['COMMIT', 'BEGIN', 'end', 'ROLLBACK', 'START TRANSACTION'])('are refused when they say %s', async (word) => {
    write('0001.sql', `CREATE TABLE a (x int);\n${word};\nCREATE TABLE b (x int);`)
    await expect(apply()).rejects.toMatchObject({
      code: 'migration-controls-transaction',
      where: expect.stringMatching(/:2$/),
    })
    expect(await tables()).toEqual([])
  })

  it('are refused as a whole when a quote never ends', async () => {
    write('0001.sql', 'CREATE TABLE a (x int);')
    write('0002.sql', "SELECT 1;\nSELECT 'open;\n")
    await expect(apply()).rejects.toMatchObject({
      code: 'migration-unreadable',
      where: expect.stringMatching(/0002.sql:2$/),
    })
    expect(await tables()).toEqual([])
  })

  it('do not leak settings from one file into the next', async () => {
    await query(database, 'DROP ROLE IF EXISTS migrator', 'CREATE ROLE migrator')
    write('0001.sql', "SET search_path = pg_temp; SET lock_timeout = '1ms'; SET ROLE migrator;")
    write('0002.sql', 'CREATE TABLE a (x int);')
    await apply()
    expect(await tables()).toEqual(['a'])
  })

  it('report a server that is not there, without the password', async () => {
    const unreachable = 'postgres://postgres:hunter2@127.0.0.1:1/nothing'
    write('0001.sql', 'SELECT 1')
    const error = await apply({ connectionString: unreachable }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'database-unreachable', retriable: true })
    expect(String(error)).toContain('ECONNREFUSED')
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2')
  })
})

describe('a migration that waits for a lock', () => {
  const fast = { lockTimeout: ms(100), lockAttempts: 20 }
  beforeEach(async () => {
    await query(database, 'CREATE TABLE busy (x int)')
    write('0001.sql', 'CREATE TABLE first (x int);\nALTER TABLE busy ADD COLUMN y int;')
  })

  it('gives way after its lock timeout and tries the whole file again', async () => {
    const applied = await withClient(database, async (holder) => {
      await holder.query('begin')
      await holder.query('select * from busy')
      const applying = apply(fast)
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
    expect(await tables()).toEqual(['busy', 'first'])
  })

  it('gives up after a bounded number of attempts, and leaves nothing', async () => {
    await withClient(database, async (holder) => {
      await holder.query('begin')
      await holder.query('select * from busy')
      await expect(apply({ ...fast, lockAttempts: 2 })).rejects.toMatchObject({
        code: 'migration-lock-timeout',
        retriable: true,
        where: expect.stringMatching(/0001.sql:2$/),
      })
    })
    expect(await tables()).toEqual(['busy'])
  })

  it('is cancelled in the database when it is called off', async () => {
    const controller = new AbortController()
    await withClient(database, async (holder) => {
      await holder.query('begin')
      await holder.query('select * from busy')
      const applying = expect(apply({ lockTimeout: ms(60_000) }, controller.signal)).rejects.toThrow('called off')
      await until('it waits', async () => {
        const rows = await query(database, `select 1 from pg_stat_activity where wait_event_type = 'Lock'`)
        return rows.length > 0
      })
      controller.abort(new Error('called off'))
      await applying
      const left = await query(database, `select 1 from pg_stat_activity where application_name = 'premortem-migrate'`)
      expect(left).toEqual([])
    })
    expect(await tables()).toEqual(['busy'])
  })
})

describe('a migration with CONCURRENTLY', () => {
  beforeEach(() => query(database, 'CREATE TABLE payments (id int)', 'INSERT INTO payments VALUES (1), (1)'))

  it('runs outside a transaction and tells the index that it built', async () => {
    write('0001.sql', 'CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_id ON payments (id);')
    const [applied] = await apply()
    expect(applied?.created).toEqual([
      { name: 'idx_id', table: 'payments', definition: 'CREATE INDEX idx_id ON public.payments USING btree (id)' },
    ])
    expect(await apply()).toEqual([])
  })

  it('names the invalid index that a failed build left, and does not take it for built afterwards', async () => {
    write(
      '0001.sql',
      'CREATE INDEX CONCURRENTLY idx_a ON payments (id);\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS idx_u ON payments (id);',
    )
    await expect(apply()).rejects.toMatchObject({
      code: 'migration-failed',
      where: expect.stringMatching(/0001.sql:2$/),
      message: expect.stringContaining('idx_u'),
      remedy: expect.stringContaining('DROP INDEX CONCURRENTLY idx_u'),
    })
    await query(database, 'DELETE FROM payments')
    await expect(apply()).rejects.toMatchObject({ code: 'index-invalid', message: expect.stringContaining('idx_u') })
    await query(database, 'DROP INDEX idx_u')
    const applied = await apply()
    // The first statement ran once, long ago, and is told now: the attempts in between failed.
    expect(applied.map(({ line, created }) => [line, created.map(({ name }) => name)])).toEqual([
      [1, ['idx_a']],
      [2, ['idx_u']],
    ])
    expect(await indexes()).toEqual(['idx_a', 'idx_u'])
  })

  it('waits longer than the lock timeout for old transactions, which is how it works', async () => {
    write('0001.sql', 'CREATE INDEX CONCURRENTLY idx_id ON payments (id);')
    await withClient(database, async (holder) => {
      await holder.query('begin')
      await holder.query('insert into payments values (7)')
      const applying = apply({ lockTimeout: ms(50) })
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

describe('two that migrate the same database at once', () => {
  it('take turns, and each statement runs once', async () => {
    write('0001.sql', 'CREATE TABLE a (x int);\nSELECT pg_sleep(0.3);')
    const both = await Promise.all([apply(), apply()])
    expect(both.map((applied) => applied.length).sort()).toEqual([0, 2])
  })
})
