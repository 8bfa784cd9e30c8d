import { describe, expect, it } from 'vitest'
import { snapshotOf } from '../../bench/check/plans-snapshot.ts'
import { applyChange } from '../../src/adapters/phantom/migrate.ts'
import type { Snapshot } from '../../src/core/check/snapshot.ts'
import type { ParsedFile } from '../../src/core/check/sql.ts'
import { file, serverForThisFile, withClient } from './planner-helpers.ts'

const server = serverForThisFile()
const SCHEMA = 'create table payments (id int primary key, status text, note text)'

interface Options {
  readonly upTo?: number
  readonly record?: boolean
  readonly snapshot?: Partial<Snapshot>
  readonly before?: string
  readonly signal?: AbortSignal
}

async function apply(files: readonly ParsedFile[], options: Options = {}) {
  const url = await server.database(SCHEMA)
  return withClient(url, async (client) => {
    const snapshot = { ...(await snapshotOf(client)), ...options.snapshot }
    if (options.before !== undefined) await client.query(options.before)
    const { upTo, record = true, signal = new AbortController().signal } = options
    const request = { client, files, snapshot, record, signal, ...(upTo === undefined ? {} : { upTo }) }
    const result = await applyChange(request)
    const ask = async (sql: string) => (await client.query<{ it: string }>(sql)).rows.map(({ it }) => it)
    const columns = await ask(
      "select attname as it from pg_attribute where attrelid = 'payments'::regclass and attnum > 0 and not attisdropped",
    )
    const settings = await ask(
      "select current_setting('lock_timeout') || ' ' || current_setting('work_mem') || ' ' || current_user as it",
    )
    return { ...result, columns, settings: settings[0] }
  })
}

const transactions = ({ applied }: { readonly applied: readonly { readonly transaction: number }[] }) =>
  applied.map(({ transaction }) => transaction)

describe('transactions of a change', () => {
  const two = 'alter table payments add a int; alter table payments add b int'

  it('are one a file where the tool makes them so', async () => {
    const done = await apply([file(two), file('alter table payments add c int')])
    expect(transactions(done)).toEqual([0, 0, 1])
    expect(done.columns).toEqual(['id', 'status', 'note', 'a', 'b', 'c'])
  })

  it('are one a statement elsewhere', async () => {
    expect(transactions(await apply([file(two, { transactional: false })]))).toEqual([0, 1])
  })

  it('are those that the file itself opens and ends', async () => {
    const text = `begin; ${two}; commit; alter table payments add c int; alter table payments add d int`
    expect(transactions(await apply([file(text, { transactional: false })]))).toEqual([0, 0, 0, 0, 1, 2])
  })

  it('hold their locks: a statement that needs one that is held is told with it', async () => {
    const { applied } = await apply([
      file('drop table if exists x; alter table payments add a int; update payments set a = 1'),
    ])
    expect(applied.map(({ locks }) => locks)).toEqual([
      [],
      [{ relation: 'payments', mode: 'AccessExclusive' }],
      [{ relation: 'payments', mode: 'RowExclusive' }],
    ])
  })

  it('lock nothing that anybody else could want when they made it themselves', async () => {
    const { applied } = await apply([file('create table new (a int); alter table new add b int')])
    expect(applied[1]?.locks).toEqual([])
  })

  it('are undone as far as the change undoes them', async () => {
    const text = `begin; create table gone (a int); rollback; begin; savepoint s; create index i on payments (status);
      rollback to s; create index i on payments (note); commit`
    const { applied, failure } = await apply([file(text, { transactional: false })])
    expect(failure).toBeNull()
    expect(applied.flatMap(({ created }) => created)).toEqual(['gone', 'i', 'i'])
    expect(applied.flatMap(({ dropped }) => dropped)).toEqual([])
  })

  it('allow CONCURRENTLY as golang-migrate does: alone in its file', async () => {
    const sql = 'create index concurrently i on payments (status)'
    expect((await apply([file(sql, { format: 'golang-migrate' })])).failure).toBeNull()
    expect((await apply([file(sql)])).failure).toMatchObject({ sqlState: '25001', line: 1 })
  })
})

describe('a part of a change', () => {
  const text = 'alter table payments add a int; alter table payments add b int; alter table payments add c int'

  it('is there afterwards, although its transaction would go on', async () => {
    const { columns, applied } = await apply([file(text)], { upTo: 2 })
    expect(columns).toEqual(['id', 'status', 'note', 'a', 'b'])
    expect(applied).toHaveLength(2)
  })

  it('may be applied without looking', async () => {
    const { columns, applied, failure } = await apply([file(text)], { record: false })
    expect([columns.length, applied, failure]).toEqual([6, [], null])
  })

  it('counts statements of the files, not those found in DO blocks', async () => {
    const block = 'do $$ begin alter table payments add x int; alter table payments add y int; end $$'
    const { columns, applied } = await apply([file(`${block}; alter table payments add z int`)], { upTo: 1 })
    expect(columns).toEqual(['id', 'status', 'note', 'x', 'y'])
    expect(applied[0]?.locks).toEqual([{ relation: 'payments', mode: 'AccessExclusive' }])
  })
})

describe('a change that fails', () => {
  it.each([
    ['select 1;\n\nalter table payments\n  add a int,\n  add b nixtype', 5, '42704'],
    ["select 'é €';\nselect 'ü', '😀',\n nix from payments", 3, '42703'],
    ['\nalter table nix add a int', 2, '42P01'],
    ['selekt 1', 1, '42601'],
    ['do $$\nbegin\n  perform 1;\n  perform nix();\nend $$', 4, '42883'],
    ['insert into payments values (1), (1)', 1, '23505'],
  ])('says where: %j', async (text, line, sqlState) => {
    const { failure, columns } = await apply([file(text)])
    expect(failure).toMatchObject({ file: 'migrations/0001.sql', line, sqlState })
    expect(columns).toEqual(['id', 'status', 'note'])
  })

  it('names an extension that is not here', async () => {
    const { failure } = await apply([file('create extension postgis')])
    expect(failure?.message).toContain('does not have the extension "postgis"')
  })

  it('tells what was done before, and leaves the client usable', async () => {
    const text = 'alter table payments add a int; alter table payments add a int'
    const { applied, failure, columns } = await apply([file(text, { transactional: false })])
    expect([applied.length, failure?.sqlState, columns.length]).toEqual([1, '42701', 4])
  })

  it('fails at its end when a deferred constraint says so', async () => {
    const text = `create table a (id int primary key); create table b (a int references a deferrable initially deferred);
      insert into b values (1)`
    expect((await apply([file(text)])).failure).toMatchObject({ sqlState: '23503' })
  })

  it('does not hang, whatever timeouts it switches off', async () => {
    const text = "set statement_timeout = '300ms'; select pg_sleep(30)"
    expect((await apply([file(text)])).failure).toMatchObject({ sqlState: '57014' })
  })

  it('is given up when it is no longer wanted', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(new Error('enough')), 300)
    await expect(apply([file('select pg_sleep(30)')], { signal: controller.signal })).rejects.toThrow('enough')
  })
})

describe('settings', () => {
  it('of the change hold in its file, and are gone afterwards', async () => {
    const first = file(
      "set lock_timeout = '7s'; set work_mem = '9MB'; set client_min_messages = error; create table t as select current_setting('work_mem') as it",
    )
    const second = file("create table u as select 1 / (current_setting('work_mem') <> '9MB')::int")
    const { failure, settings } = await apply([first, second], { before: "set work_mem = '5MB'" })
    expect(failure).toBeNull()
    expect(settings).toBe('0 5MB postgres')
  })

  it('do not keep PostgreSQL from telling what it does', async () => {
    const text = 'set client_min_messages = error; alter table payments alter note set not null'
    expect((await apply([file(text)])).applied[1]?.work).toBe('scan')
  })

  it('of production’s database decide where names lead', async () => {
    const setting = { name: 'search_path', value: 'shop, public' }
    const overrides = [{ role: null, inDatabase: true, settings: [setting] }]
    const { applied } = await apply([file('create schema shop; create table t (id int)')], { snapshot: { overrides } })
    expect(applied[1]?.created).toEqual(['shop.t'])
  })
})

describe('what is not the database’s own', () => {
  it('is there or left out: roles, other databases, the server', async () => {
    const text = `create role reporter; grant select on payments to reporter, app_role; alter table payments owner to app_role;
      grant connect on database shop to app_role; alter system set work_mem = '1GB'; drop role reporter;
      copy payments from stdin`
    for (let copies = 0; copies < 2; copies += 1) {
      const { applied, failure } = await apply([file(text, { transactional: false })])
      expect(failure).toBeNull()
      expect(applied.map(({ estimate }) => estimate.basis.startsWith('not run here'))).toEqual([
        copies > 0,
        false,
        false,
        true,
        true,
        true,
        true,
      ])
    }
  })
})

describe('a migration of 10 MB', () => {
  it('is applied, statement by statement', async () => {
    const long = `insert into payments values ${Array.from({ length: 50_000 }, (_, i) => `(${i}, 'x', '${'y'.repeat(80)}')`).join(',\n')}`
    const many = Array.from(
      { length: 20_000 },
      (_, i) => `insert into payments values (${60_000 + i}, 'new', '${'z'.repeat(200)}')`,
    )
    const text = `alter table payments add a int;\n${long};\n${many.join(';\n')};\ncreate index late on payments (status)`
    expect(text.length).toBeGreaterThan(9e6)
    const { applied, failure } = await apply([file(text)])
    expect(failure).toBeNull()
    expect(applied).toHaveLength(20_003)
    expect(applied.at(-1)?.created).toEqual(['late'])
  })
})
