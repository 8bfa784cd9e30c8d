import { describe, expect, it } from 'vitest'
import { snapshotOf } from '../../bench/check/plans-snapshot.ts'
import { applyChange } from '../../src/adapters/phantom/migrate.ts'
import type { ParsedFile } from '../../src/core/check/sql.ts'
import { file, serverForThisFile, sized, withClient } from './planner-helpers.ts'

const server = serverForThisFile()
const { signal } = new AbortController()

const SCHEMA = `
  create table customers (id int primary key, email text);
  create table payments (id int primary key, customer_id int, status varchar(20), amount int, note text,
    constraint amount_known check (amount is not null));
  create index payments_status on payments (status);
  alter table payments add constraint status_short check (length(status) < 9) not valid;
  create table events (id int, day date not null) partition by range (day);
  create table events_1 partition of events for values from ('2024-01-01') to ('2025-01-01');
  create table events_2 (id int, day date not null);
  create materialized view totals as select customer_id, count(*) from payments group by 1;
  create domain positive as int;
  create table gauges (value positive)`

/** Applies files to a new database whose tables have 100,000 pages and 10 M rows in production. */
async function apply(files: readonly ParsedFile[], options: { upTo?: number; record?: boolean; schema?: string } = {}) {
  const url = await server.database(options.schema ?? SCHEMA)
  return withClient(url, async (client) => {
    const snapshot = sized(await snapshotOf(client), { pages: 100_000, rows: 1e7 })
    const { upTo, record = true } = options
    const request = { client, files, snapshot, record, signal, ...(upTo === undefined ? {} : { upTo }) }
    const result = await applyChange(request)
    const tables = await client.query<{ name: string }>(
      "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'i') order by 1",
    )
    const settings = await client.query<{ timeout: string; path: string }>(
      "select current_setting('lock_timeout') as timeout, current_setting('search_path') as path",
    )
    return { ...result, names: tables.rows.map(({ name }) => name), settings: settings.rows[0] }
  })
}

const one = async (sql: string) => {
  const { applied, failure } = await apply([file(sql)])
  expect(failure).toBeNull()
  return applied
}
/** `AccessExclusive on payments` */
const locksOf = (statement: { readonly locks: readonly { relation: string; mode: string }[] } | undefined) =>
  statement?.locks.map(({ relation, mode }) => `${mode} on ${relation}`).toSorted()

describe('a statement of a change', () => {
  const AE = 'AccessExclusive on payments'
  it.each([
    ['alter table payments add column a int', [AE], 'instant', []],
    ['alter table payments add column a int default 1', [AE], 'instant', []],
    ['alter table payments add column a int default now()::text::date - current_date', [AE], 'instant', []],
    [
      'alter table payments add column a float default random()',
      [AE],
      'rewrite',
      ['payments', 'payments_pkey', 'payments_status'],
    ],
    [
      'alter table payments add column a int generated always as identity',
      [AE],
      'rewrite',
      ['payments', 'payments_pkey', 'payments_status'],
    ],
    [
      'alter table payments add column a int generated always as (amount * 2) stored',
      [AE],
      'rewrite',
      ['payments', 'payments_pkey', 'payments_status'],
    ],
    ['alter table payments drop column note', [AE], 'instant', []],
    ['alter table payments alter note set not null', [AE], 'scan', []],
    ['alter table payments alter amount set not null', [AE], 'instant', []],
    ['alter table payments alter note drop not null', [AE], 'instant', []],
    ["alter table payments alter note set default 'x'", [AE], 'instant', []],
    [
      'alter table payments alter amount type bigint',
      [AE],
      'rewrite',
      ['payments', 'payments_pkey', 'payments_status'],
    ],
    ['alter table payments alter status type varchar(40)', [AE], 'instant', []],
    ['alter table payments alter status type text', [AE], 'instant', []],
    [
      'alter table payments alter status type varchar(10)',
      [AE],
      'rewrite',
      ['payments', 'payments_pkey', 'payments_status'],
    ],
    ['alter table payments rename column note to remark', [AE], 'instant', []],
    ['alter table payments rename to paid', [AE], 'instant', []],
    ['alter table payments add check (amount > 0)', [AE], 'scan', []],
    ['alter table payments add check (amount > 0) not valid', [AE], 'instant', []],
    ['alter table payments validate constraint status_short', ['ShareUpdateExclusive on payments'], 'scan', []],
    [
      'alter table payments add foreign key (customer_id) references customers',
      ['ShareRowExclusive on customers', 'ShareRowExclusive on payments'],
      'scan',
      [],
    ],
    [
      'alter table payments add foreign key (customer_id) references customers not valid',
      ['ShareRowExclusive on customers', 'ShareRowExclusive on payments'],
      'instant',
      [],
    ],
    ['alter table payments add unique (note)', [AE], 'index-build', []],
    ['alter table payments alter status set statistics 500', ['ShareUpdateExclusive on payments'], 'instant', []],
    ['alter table payments set (fillfactor = 80)', ['ShareUpdateExclusive on payments'], 'instant', []],
    ['alter table payments set unlogged', [AE], 'rewrite', ['payments', 'payments_pkey', 'payments_status']],
    ['alter table payments disable trigger all', ['ShareRowExclusive on payments'], 'instant', []],
    ['create index on payments (amount)', ['Share on payments'], 'index-build', []],
    ['cluster payments using payments_pkey', [AE], 'rewrite', ['payments', 'payments_pkey', 'payments_status']],
    ['reindex table payments', ['Share on payments'], 'index-build', ['payments_pkey', 'payments_status']],
    ['truncate payments', [AE], 'instant', ['payments', 'payments_pkey', 'payments_status']],
    ['update payments set amount = 1', ['RowExclusive on payments'], 'rewrite', []],
    ['delete from payments where id = 5', ['RowExclusive on payments'], 'scan', []],
    ["insert into payments values (1, 1, 'new', 1, '')", ['RowExclusive on payments'], 'instant', []],
    ['lock table payments in exclusive mode', ['Exclusive on payments'], 'instant', []],
    [
      'create trigger t before insert on payments for each row execute function suppress_redundant_updates_trigger()',
      ['ShareRowExclusive on payments'],
      'instant',
      [],
    ],
    ["comment on table payments is 'x'", ['ShareUpdateExclusive on payments'], 'instant', []],
    ['drop index payments_status', [AE], 'instant', []],
  ] as const)('%s', async (...row) => {
    const [sql, locks, work, rewritten] = row
    const [statement] = await one(sql)
    expect(locksOf(statement)?.filter((lock) => !lock.endsWith('totals'))).toEqual(locks)
    expect(statement?.work).toBe(work)
    expect(statement?.rewritten).toEqual(rewritten)
    expect(statement?.workOn).toBe(work === 'instant' ? null : 'payments')
  })

  it.each([
    ['create index concurrently i on payments (amount)', 'ShareUpdateExclusive on payments', 'index-build'],
    ['drop index concurrently payments_status', 'ShareUpdateExclusive on payments', 'instant'],
    ['reindex table concurrently payments', 'ShareUpdateExclusive on payments', 'index-build'],
    ['vacuum payments', 'ShareUpdateExclusive on payments', 'scan'],
    ['vacuum full payments', 'AccessExclusive on payments', 'rewrite'],
    ['alter table events detach partition events_1 concurrently', 'ShareUpdateExclusive on events', 'instant'],
  ])('%s, which runs outside of transactions', async (sql, lock, work) => {
    const { applied, failure } = await apply([file(sql, { transactional: false })])
    expect(failure).toBeNull()
    expect(locksOf(applied[0])).toEqual([lock])
    expect(applied[0]?.work).toBe(work)
  })

  it('says which tables of a partitioned one it works on, by the name that the statement gives', async () => {
    const [attached] = await one(
      "alter table events attach partition events_2 for values from ('2025-01-01') to ('2026-01-01')",
    )
    expect(attached).toMatchObject({ work: 'scan', workOn: 'events_2' })
    const [checked] = await one('alter table events add check (id > 0)')
    expect(checked).toMatchObject({ work: 'scan', workOn: 'events' })
    expect(locksOf(checked)).toEqual(['AccessExclusive on events', 'AccessExclusive on events_1'])
  })

  it('knows the tables of a domain, and what fills a materialized view', async () => {
    expect((await one('alter domain positive add check (value > 0)'))[0]).toMatchObject({
      work: 'scan',
      workOn: 'gauges',
    })
    const [refreshed] = await one('refresh materialized view totals')
    expect(refreshed).toMatchObject({ work: 'rewrite', workOn: 'totals' })
  })

  it('tells what was created and dropped', async () => {
    const [made, index, dropped] = await one(
      'create table new (id int primary key); create index new_index on new (id); drop table payments cascade',
    )
    expect(made?.created).toEqual(['new', 'new_pkey'])
    expect(made).toMatchObject({ work: 'instant', locks: [] })
    expect(index?.created).toEqual(['new_index'])
    expect(dropped?.dropped).toEqual(['payments', 'payments_pkey', 'payments_status', 'totals'])
  })

  it('tells an index that is left invalid', async () => {
    const [index] = await one('create index parts on only events (day)')
    expect(index?.invalid).toEqual(['parts'])
  })
})

describe('the estimate', () => {
  it('comes from production’s size, through every renaming', async () => {
    const [, renamed] = await one('alter table payments rename to paid; alter table paid alter note set not null')
    expect(renamed?.workOn).toBe('paid')
    expect(renamed?.estimate).toMatchObject({ lowMs: 1638.4, highMs: 8192 })
  })

  it('counts the rows that an UPDATE meets: of a new column all, of a key hardly any', async () => {
    const applied = await one(
      'alter table payments add a int; update payments set a = 1 where a is null; update payments set a = 2 where id = 3',
    )
    expect(applied[1]?.estimate.basis).toContain('10,000,000 rows')
    expect(applied[1]?.work).toBe('rewrite')
  })

  it('says so when the size is not known', async () => {
    const [, made] = await one('create table fresh (a int); create index on fresh (a)')
    expect(made?.estimate.basis).toContain('not known')
    expect(made?.estimate.highMs).toBe(50)
  })
})
