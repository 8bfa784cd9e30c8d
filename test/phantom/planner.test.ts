import type pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { snapshotOf } from '../../bench/check/plans-snapshot.ts'
import { planQueries } from '../../src/adapters/phantom/planner.ts'
import type { PlannedQuery } from '../../src/core/check/plans.ts'
import type { Snapshot, WorkloadQuery } from '../../src/core/check/snapshot.ts'
import { highestParameter } from '../../src/core/check/variants/repair.ts'
import { renderPlan } from '../../src/core/postgres/plan.ts'
import { query, serverForThisFile, withClient } from './planner-helpers.ts'

const server = serverForThisFile()
const { signal } = new AbortController()
const SCHEMA = `
  create type mood as enum ('fine', 'bad');
  create domain short as varchar(5) not null;
  create table customers (id int primary key, email text, mood mood, code short);
  create table payments (id bigint primary key, customer_id int not null, status text not null, amount numeric,
    created_at timestamptz not null, tags text[], data jsonb);
  insert into customers select i, 'user' || i || '@x.de', 'fine', 'a' from generate_series(1, 2000) i;
  insert into payments select i, 1 + (i * 7) % 2000,
    case when i % 500 = 0 then 'pending' when i % 333 = 0 then 'failed' else 'done' end, i,
    '2026-01-01'::timestamptz - i * interval '1 minute', array['a', 'b'], '{}' from generate_series(1, 30000) i;
  create index payments_status on payments (status);
  create index payments_created_at on payments (created_at);
  create index payments_customer on payments (customer_id);
  create view open_payments as select * from payments where status <> 'done';
  create table events (id int, day date not null) partition by range (day);
  create table events_1 partition of events for values from ('2024-01-01') to ('2025-01-01');
  create table events_2 partition of events for values from ('2025-01-01') to ('2026-01-01');
  insert into events select i, '2024-01-01'::date + i % 700 from generate_series(1, 5000) i;
  create schema shop;
  create table shop.orders (id int primary key, note text);
  create procedure work() language sql as 'select 1';
  analyze`

let [url, snapshot]: [string, Snapshot | null] = ['', null]
beforeAll(async () => {
  url = await server.database(SCHEMA)
  snapshot = await withClient(url, (client: pg.Client) => snapshotOf(client, ['public', 'shop']))
})

async function plan(queries: readonly WorkloadQuery[], extra: Partial<Snapshot> = {}) {
  if (snapshot === null) throw new Error('no snapshot')
  return planQueries({ connectionString: url, queries, snapshot: { ...snapshot, ...extra }, connections: 2, signal })
}

async function planOne(text: string, extra: Partial<Snapshot> = {}): Promise<PlannedQuery> {
  const [planned] = await plan([query(text)], extra)
  if (planned === undefined) throw new Error('nothing was planned')
  return planned
}

const nodes = (planned: PlannedQuery, variant: string): string =>
  renderPlan(
    planned.variants.find((one) => one.variant === variant)?.plan ?? {
      'Node Type': 'none',
      'Total Cost': 0,
      'Plan Rows': 0,
    },
  ).join('\n')
const names = ({ variants }: PlannedQuery) => variants.map(({ variant }) => variant)
const valuesOf = (planned: PlannedQuery, variant: string) =>
  planned.variants.find((one) => one.variant === variant)?.values

describe('a query on a skewed column', () => {
  it('has one plan for common values and another for rare ones', async () => {
    const planned = await planOne('select * from payments where status = $1')
    expect(names(planned)).toEqual(['generic', 'common 1', 'common 2', 'rare'])
    expect(valuesOf(planned, 'common 1')).toEqual(['done'])
    expect(nodes(planned, 'common 1')).toContain('Seq Scan')
    expect(nodes(planned, 'rare')).toContain('payments_status')
  })

  it('weighs values by how often they are there', async () => {
    const { variants } = await planOne('select * from payments where status = $1')
    const weights = variants.map(({ weight }) => weight)
    expect(weights[0]).toBe(0)
    expect(weights[1]).toBeGreaterThan(0.98)
    expect(weights.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 9)
  })

  it('is found behind a view, a cast, a function and a list', async () => {
    for (const text of [
      'select * from open_payments o where o.status = $1',
      'select * from payments where status::varchar = $1',
      'select * from payments where lower(status) = $1',
      'select p.* from customers c join payments p on p.customer_id = c.id where p.status in ($1, $2)',
      'select * from payments where status = any ($1)',
      'select * from payments where $1 = status',
    ]) {
      const planned = await planOne(text)
      expect([text, valuesOf(planned, 'common 1')?.[0]?.replace(/^\{"|".*$/g, '')]).toEqual([text, 'done'])
    }
  })
})

describe('a query on a range', () => {
  it('is planned at both ends and in the middle', async () => {
    const planned = await planOne('select * from payments where created_at > $1')
    expect(names(planned)).toEqual(['generic', 'low end', 'median', 'high end'])
    expect(nodes(planned, 'low end')).toContain('Seq Scan')
    expect(nodes(planned, 'high end')).toContain('payments_created_at')
  })

  it('between two bounds is planned for windows', async () => {
    const planned = await planOne('select * from payments where created_at between $1 and $2')
    expect(names(planned)).toEqual(['generic', 'common 1', 'low end', 'median', 'high end'])
    for (const { values } of planned.variants.slice(1)) expect((values[0] ?? '') < (values[1] ?? '')).toBe(true)
  })

  it('of a partitioned table is pruned with values, and keeps all partitions without', async () => {
    const planned = await planOne('select * from events where day = $1')
    expect(nodes(planned, 'generic')).toContain('events_2')
    const custom = planned.variants.slice(1).map(({ plan: node }) => renderPlan(node).join())
    expect(custom.every((text) => !(text.includes('events_1') && text.includes('events_2')))).toBe(true)
  })
})

describe('parameters', () => {
  it('of LIMIT and OFFSET get small numbers', async () => {
    const planned = await planOne('select * from payments order by created_at limit $1 offset $2')
    expect(valuesOf(planned, 'median')).toEqual(['50', '50'])
  })

  it('of any type get a value that it takes', async () => {
    const types =
      'int2 int8 numeric float8 bool text varchar bytea date timestamp timestamptz time interval uuid json jsonb inet cidr macaddr int4range tstzrange daterange xml tsquery tsvector point box money bit mood short int[] mood[] text[] name regclass'
    const planned = await plan(types.split(' ').map((type) => query(`select $1::${type}`)))
    const failed = planned.filter(({ unplanned, remarks }) => unplanned !== null || remarks.length > 0)
    expect(failed.map((one) => [one.query.text, one.unplanned, one.remarks])).toEqual([])
  })

  it('without a type are taken as text, and it is said', async () => {
    const planned = await planOne('select jsonb_build_object($1, id) from payments where id = $2')
    expect(planned.unplanned).toBeNull()
    expect(planned.remarks).toEqual(['PostgreSQL could not tell the type of $1: taken as text'])
  })

  it('may be a hundred', async () => {
    const list = Array.from({ length: 100 }, (_, n) => `$${n + 1}`).join(', ')
    const planned = await planOne(`select * from payments where id in (${list})`)
    expect(new Set(valuesOf(planned, 'median')).size).toBe(100)
    expect(nodes(planned, 'median')).toContain('payments_pkey')
  })

  it('of an insert get one plan', async () => {
    const planned = await planOne(
      'insert into payments (id, customer_id, status, created_at) values ($1, $2, $3, $4), ($5, $6, $7, $8) returning id',
    )
    expect(names(planned)).toEqual(['generic', 'median'])
  })

  it('are none: the plan is the same however it is made', async () => {
    const planned = await planOne('select count(*) from payments')
    expect(planned.variants.map(({ variant, weight }) => [variant, weight])).toEqual([
      ['generic', 0],
      ['common 1', 1],
    ])
  })

  it('stay as they are between two states of the schema', async () => {
    const text = 'select * from payments where status = $1 and created_at > $2'
    const before = await planOne(text)
    await withClient(url, (client) => client.query('drop index payments_status'))
    const after = await planOne(text)
    await withClient(url, (client) => client.query('create index payments_status on payments (status)'))
    expect(after.variants.map(({ values }) => values)).toEqual(before.variants.map(({ values }) => values))
    expect(nodes(before, 'rare')).toContain('payments_status')
    expect(nodes(after, 'rare')).not.toContain('payments_status')
  })
})

describe('texts of pg_stat_statements', () => {
  it('are put right where constants became parameters', async () => {
    const planned = await plan(
      [
        'select date_trunc($1, created_at), count(*) from payments group by date_trunc($2, created_at) order by date_trunc($3, created_at)',
        'select * from payments where created_at > now() - interval $1',
        'select * from payments where created_at > timestamp with time zone $1',
        'select * from payments where status in ($1 /*, ... */)',
        'select case when amount > $1 then $2 else $3 end, count(*) from payments group by case when amount > $4 then $5 else $6 end',
        'select extract($1 from created_at) from payments',
      ].map((text) => query(text)),
    )
    const reasons = planned.map(({ unplanned }) => unplanned?.sqlState ?? null)
    expect(reasons.slice(0, 5)).toEqual([null, null, null, null, null])
    expect(planned.map(({ remarks }) => remarks.length > 0).slice(0, 5)).toEqual([true, true, true, true, true])
  })

  it.each([
    ['/* controller=pay,traceparent=00-1 */ select * from payments where id = $1 -- end', null],
    ['select * from payments where id = $1;', null],
    ['declare c cursor for select * from payments where id = $1', null],
    ['copy (select * from payments) to stdout', null],
    ['create table copied as select * from payments', null],
    ['prepare x as select * from payments where id = $1', null],
    ['begin; select * from payments where id = $1; commit', null],
    ['with x as (delete from payments where id = $1 returning *) select * from x', null],
    [
      'merge into customers c using (values ($1::int, $2)) v (id, e) on c.id = v.id when matched then update set email = v.e',
      null,
    ],
    ['values ($1::int)', null],
    ['table payments', null],
    ['(select 1) union (select 2)', null],
    ['copy payments from stdin', /COPY of a table/],
    ['begin', /transaction/],
    ['set work_mem = $1', /utility/],
    ['call work()', /CALL runs code/],
    ['vacuum payments', /utility/],
    ['-- nothing', /only comments/],
    ['', /no statement/],
    ['select 1; select 2', /2 statements/],
    ["select * from payments where status = 'pen", /never closed/],
    ['select * from', /syntax error/],
    ['select nix from payments', /"nix" does not exist/],
  ])('%s', async (text, reason) => {
    const { unplanned, variants } = await planOne(text)
    if (reason === null) expect([unplanned, variants.length > 0]).toEqual([null, true])
    else expect(unplanned?.reason).toMatch(reason)
  })
})

describe('statistics that cannot be restored', () => {
  it('are named at the queries that they concern', async () => {
    const extendedStatistics = [{ name: 'payments_pair', table: 'public.payments', definition: '' }]
    const [with_, without] = await plan([query('select * from payments'), query('select * from customers')], {
      extendedStatistics,
    })
    expect(with_?.remarks[0]).toContain('payments_pair')
    expect(without?.remarks).toEqual([])
  })
})

it('a parameter’s number is read outside of strings', () => {
  expect(highestParameter('select $2, \'$9\', "$7" /* $8 */')).toBe(2)
})
