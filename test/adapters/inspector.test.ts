import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createInspector, type Inspector } from '../../src/adapters/postgres/watched/inspector.ts'
import { ms } from '../../src/base/time.ts'
import { query, startPostgres, type TestPostgres, withClient } from './fixtures/postgres.ts'

const never = new AbortController().signal

let postgres: TestPostgres
let database: string
let inspector: Inspector
beforeAll(async () => {
  postgres = await startPostgres()
  database = await postgres.database()
  await query(
    database,
    'create extension pg_stat_statements',
    'create table payments (id bigint primary key, status text, created_at timestamptz)',
    `insert into payments select n, case when n % 200 = 0 then 'pending' else 'settled' end, now() from generate_series(1, 20000) n`,
    'create index idx_payments_created_at on payments (created_at)',
    'create schema audit',
    'create table audit.entries (id int)',
    'create index idx_entries on audit.entries (id)',
    'analyze',
  )
  inspector = createInspector({ connectionString: database, deadline: ms(15_000) })
})
afterAll(async () => {
  await inspector.close()
  await postgres.stop()
})

const explain = (text: string) => inspector.explain(text, never)

describe('the plan of a statement', () => {
  it('is that of the statement as it would run now', async () => {
    const { plan, reason } = await explain('select * from payments order by created_at desc limit 50')
    expect(reason).toBeNull()
    expect(plan).toMatchObject({ 'Node Type': 'Limit', Plans: [{ 'Index Name': 'idx_payments_created_at' }] })
    expect(plan).not.toHaveProperty('Actual Rows')
  })

  it('is generic for a normalised statement with parameters', async () => {
    const { plan, reason } = await explain(
      'SELECT * FROM payments WHERE status = $1 AND created_at > now() - interval $2 ORDER BY id LIMIT $3;',
    )
    expect(reason).toBeNull()
    expect(JSON.stringify(plan)).toContain('$1')
  })

  it.each([
    "insert into payments (id, status) values (-1, 'made by explain')",
    'update payments set status = $1',
    'delete from payments',
    'with gone as (delete from payments returning id) select * from gone',
  ])('is told for %s, which is not run', async (text) => {
    const before = await query(database, 'select count(*), sum(id), max(status) from payments')
    const { plan, reason } = await explain(text)
    expect(reason).toBeNull()
    expect(plan).not.toBeNull()
    expect(await query(database, 'select count(*), sum(id), max(status) from payments')).toEqual(before)
  })

  it.each([
    ['drop table payments', /DROP/],
    ['analyze delete from payments', /ANALYZE/],
    ['select 1; delete from payments', /2 statements/],
    ['select * from no_such_table', /relation "no_such_table" does not exist/],
    ['select * from payments where', /syntax error at end of input/],
    ["select * from payments where status = 'pend", /cut off/],
  ])('is not told for %s, with the reason', async (text, reason) => {
    const answer = await explain(text)
    expect(answer.plan).toBeNull()
    expect(answer.reason).toMatch(reason)
    expect(await query(database, 'select count(*)::int as n from payments')).toEqual([{ n: 20000 }])
  })

  it('is not told for a text that pg_stat_activity has cut, even when what is left is a statement', async () => {
    const text = `select * from payments where id in (${Array.from({ length: 400 }, (_, i) => i).join(', ')}) limit 50`
    const cut = await withClient(database, async (client) => {
      await client.query(text)
      const pid = (client as unknown as { processID: number }).processID
      const rows = await query<{ query: string }>(database, `select query from pg_stat_activity where pid = ${pid}`)
      return rows[0]?.query ?? ''
    })
    expect(cut.length).toBeLessThan(text.length)
    expect((await explain(cut)).reason).toMatch(/may be cut off/)
    const stillSql = 'select id from payments'.padEnd(1022).concat(';')
    expect((await explain(stillSql)).reason).toMatch(/may be cut off/)
    expect((await explain(text)).reason).toBeNull()
  })

  it('is given up soon when a migration holds the table, instead of waiting in its queue', async () => {
    await withClient(database, async (holder) => {
      await holder.query('begin')
      await holder.query('lock table payments in access exclusive mode')
      expect(await explain('select * from payments')).toEqual({
        plan: null,
        reason: 'canceling statement due to lock timeout',
      })
      await holder.query('rollback')
    })
    expect((await explain('select * from payments')).reason).toBeNull()
  })

  it('comes to the right question when many are asked at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => explain(`select * from payments where id = ${i}`)),
    )
    for (const [index, { plan }] of answers.entries()) expect(JSON.stringify(plan)).toContain(`(id = ${index})`)
  })

  it('is asked for again on a new connection after the server was gone', async () => {
    await postgres.restart()
    const first = await explain('select 1')
    const second = first.plan === null ? await explain('select 1') : first
    expect(second.plan).toMatchObject({ 'Node Type': 'Result' })
  })
})

describe('the inventory of indexes', () => {
  it('has every index of user tables with its definition and whether it is valid', async () => {
    await query(database, 'insert into audit.entries values (1), (1)')
    const building = query(database, 'create unique index concurrently idx_broken on audit.entries (id)')
    await expect(building).rejects.toThrow('could not create unique index')
    const found = await inspector.indexes(never)
    expect(found.map(({ name, table, valid }) => `${name} on ${table}: ${valid}`)).toEqual([
      'audit.idx_broken on audit.entries: false',
      'audit.idx_entries on audit.entries: true',
      'idx_payments_created_at on payments: true',
      'payments_pkey on payments: true',
    ])
    expect(found.at(2)?.definition).toBe(
      'CREATE INDEX idx_payments_created_at ON public.payments USING btree (created_at)',
    )
  })
})
