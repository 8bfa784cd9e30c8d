import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { query, startPostgres, type TestPostgres } from './fixtures/postgres.ts'
import { type TestRelease, testRelease } from './fixtures/release.ts'

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

describe('the migrations of a release', () => {
  it('run statement by statement in the order of the names, and tell which indexes came and went, and where', async () => {
    release.write('0002_more.sql', 'DROP INDEX idx_payments_created_at;\n')
    release.write(
      '0001_tables.sql',
      '-- the tables\nCREATE TABLE payments (id bigint PRIMARY KEY, created_at timestamptz);\n\n-- sorted by time\nCREATE INDEX idx_payments_created_at\n  ON payments (created_at);\nINSERT INTO payments VALUES (1, now());',
    )
    release.write('notes.txt', 'not SQL')
    const applied = await release.apply()
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
    release.write('0001.sql', 'CREATE TABLE a (x int);')
    expect(await release.apply()).toHaveLength(1)
    expect(await release.apply()).toEqual([])
    release.write('0002.sql', 'CREATE TABLE b (x int);')
    expect((await release.apply()).map(({ sql }) => sql)).toEqual(['CREATE TABLE b (x int)'])
    expect(await release.tables()).toEqual(['a', 'b'])
  })

  it('are nothing for a release without a folder', async () => {
    expect(await release.apply()).toEqual([])
  })

  it('may hold DO blocks, functions in every quoting and statements over many lines', async () => {
    release.write(
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
INSERT INTO t SELECT twice(21) WHERE E'\\';' <> ';';
INSERT INTO t SELECT 40 + length(E'a' -- and;
  '\\';');
`,
    )
    const applied = await release.apply()
    expect(applied.map(({ line }) => line)).toEqual([1, 2, 8, 12, 13])
    expect(await query(database, 'select x from t order by x')).toEqual([{ x: 1 }, { x: 2 }, { x: 42 }, { x: 43 }])
  })

  it('are refused when a file was changed after it was applied; nothing further runs', async () => {
    release.write('0001.sql', 'CREATE TABLE a (x int);')
    await release.apply()
    release.write('0001.sql', 'CREATE TABLE a (x bigint);')
    release.write('0002.sql', 'CREATE TABLE b (x int);')
    await expect(release.apply()).rejects.toMatchObject({ code: 'migration-changed' })
    expect(await release.tables()).toEqual(['a'])
  })

  it('stop at a statement that fails: its file leaves nothing, and the place and the reason are named', async () => {
    release.write('0001.sql', 'CREATE TABLE kept (x int);')
    release.write('0002.sql', 'CREATE TABLE a (x int);\nINSERT INTO a\nVALUES (1,\n  no_such_column);\n')
    await expect(release.apply()).rejects.toMatchObject({
      code: 'migration-failed',
      where: join(release.folder, '0002.sql:4'),
      message: expect.stringContaining(
        '2.3.1/migrations/0002.sql:4 failed: column "no_such_column" does not exist (42703)',
      ),
    })
    expect(await release.tables()).toEqual(['kept'])
    release.write('0002.sql', 'CREATE TABLE a (x int);')
    const applied = await release.apply()
    expect(applied.map(({ sql }) => sql)).toEqual(['CREATE TABLE kept (x int)', 'CREATE TABLE a (x int)'])
  })

  it.each(['COMMIT', 'BEGIN', 'end', 'ROLLBACK', 'START TRANSACTION'])('are refused when they say %s', async (word) => {
    release.write('0001.sql', `CREATE TABLE a (x int);\n${word};\nCREATE TABLE b (x int);`)
    await expect(release.apply()).rejects.toMatchObject({
      code: 'migration-controls-transaction',
      where: expect.stringMatching(/:2$/),
    })
    expect(await release.tables()).toEqual([])
  })

  it('are refused as a whole when a quote never ends', async () => {
    release.write('0001.sql', 'CREATE TABLE a (x int);')
    release.write('0002.sql', "SELECT 1;\nSELECT 'open;\n")
    await expect(release.apply()).rejects.toMatchObject({
      code: 'migration-unreadable',
      where: expect.stringMatching(/0002.sql:2$/),
    })
    expect(await release.tables()).toEqual([])
  })

  it('do not leak settings from one file into the next', async () => {
    await query(database, 'DROP ROLE IF EXISTS migrator', 'CREATE ROLE migrator')
    release.write('0001.sql', "SET search_path = pg_temp; SET lock_timeout = '1ms'; SET ROLE migrator;")
    release.write('0002.sql', 'CREATE TABLE a (x int);')
    await release.apply()
    expect(await release.tables()).toEqual(['a'])
  })

  it('report a server that is not there, without the password', async () => {
    const unreachable = 'postgres://postgres:hunter2@127.0.0.1:1/nothing'
    release.write('0001.sql', 'SELECT 1')
    const error = await release.apply({ connectionString: unreachable }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'database-unreachable', retriable: true })
    expect(String(error)).toContain('ECONNREFUSED')
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2')
  })
})

describe('two that migrate the same database at once', () => {
  it('take turns, and each statement runs once', async () => {
    release.write('0001.sql', 'CREATE TABLE a (x int);\nSELECT pg_sleep(0.3);')
    const both = await Promise.all([release.apply(), release.apply()])
    expect(both.map((applied) => applied.length).sort()).toEqual([0, 2])
  })
})
