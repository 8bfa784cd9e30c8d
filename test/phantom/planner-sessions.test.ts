import { beforeAll, describe, expect, it } from 'vitest'
import { snapshotOf } from '../../bench/check/plans-snapshot.ts'
import { planQueries } from '../../src/adapters/phantom/planner.ts'
import type { Snapshot, WorkloadQuery } from '../../src/core/check/snapshot.ts'
import { renderPlan } from '../../src/core/postgres/plan.ts'
import { query, serverForThisFile, withClient } from './planner-helpers.ts'

const server = serverForThisFile()
const { signal } = new AbortController()
const SCHEMA = `
  create table customers (id int primary key);
  create table payments (id bigint primary key, customer_id int not null, status text not null);
  insert into customers select i from generate_series(1, 2000) i;
  insert into payments select i, i % 2000, 'done' from generate_series(1, 30000) i;
  create index payments_status on payments (status);
  create schema shop;
  create table shop.orders (id int primary key);
  analyze`

let [url, snapshot]: [string, Snapshot | null] = ['', null]
beforeAll(async () => {
  url = await server.database(SCHEMA)
  snapshot = await withClient(url, (client) => snapshotOf(client, ['public', 'shop']))
})

async function plan(queries: readonly WorkloadQuery[], extra: Partial<Snapshot> = {}) {
  if (snapshot === null) throw new Error('no snapshot')
  return planQueries({ connectionString: url, queries, snapshot: { ...snapshot, ...extra }, connections: 2, signal })
}

describe('sessions that plan', () => {
  it('plan the queries behind one that fails, in order', async () => {
    const texts = Array.from({ length: 60 }, (_, n) =>
      n % 3 === 0 ? `select nix${n}` : `select id from payments where id = $1 + ${n}`,
    )
    const planned = await plan(texts.map((text) => query(text)))
    expect(planned.map(({ query: { text } }) => text)).toEqual(texts)
    expect(planned.map(({ unplanned }) => unplanned !== null)).toEqual(texts.map((_, n) => n % 3 === 0))
  })

  it('follow the search path of the role that runs a query', async () => {
    const overrides = [{ role: 'shopkeeper', inDatabase: false, settings: [{ name: 'search_path', value: 'shop' }] }]
    const queries = [query('select * from orders where id = $1', { role: 'shopkeeper' }), query('select * from orders')]
    const [own, other] = await plan(queries, { overrides })
    expect(own?.unplanned).toBeNull()
    expect(other?.unplanned?.sqlState).toBe('42P01')
    const schema = { role: null, inDatabase: true, settings: [{ name: 'search_path', value: '"$user", public' }] }
    const [named] = await plan([query('select * from orders', { role: 'shop' })], { overrides: [schema] })
    expect(named?.unplanned).toBeNull()
  })

  it('plan with production’s settings, a role’s own over all', async () => {
    const settings = [{ name: 'enable_seqscan', value: 'off' }]
    const on = [{ name: 'enable_seqscan', value: 'on' }]
    const overrides = [{ role: 'reporter', inDatabase: true, settings: on }]
    const text = "select * from payments where status = 'done'"
    const [app, reporter] = await plan([query(text, { role: 'app' }), query(text, { role: 'reporter' })], {
      settings,
      overrides,
    })
    expect(app?.variants[0]?.plan['Node Type']).not.toBe('Seq Scan')
    expect(reporter?.variants[0]?.plan['Node Type']).toBe('Seq Scan')
  })

  it('take no harm from settings that this version does not know', async () => {
    const settings = [
      { name: 'work_mem', value: 'nonsense' },
      { name: 'enable_hashjoin', value: 'off' },
    ]
    const [planned] = await plan([query('select * from payments p join customers c on c.id = p.customer_id')], {
      settings,
    })
    const shown = planned?.variants.map((one) => renderPlan(one.plan).join()).join() ?? ''
    expect(shown).toContain('customers')
    expect(shown).not.toContain('Hash Join')
  })

  it('come back when the server ends them', async () => {
    const queries = Array.from({ length: 600 }, (_, n) => query(`select * from payments where id = $1 + ${n}`))
    const planning = plan(queries)
    const killer = withClient(url, async (client) => {
      for (let round = 0; round < 20; round += 1) {
        const killed = await client.query(
          'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
        )
        if ((killed.rowCount ?? 0) > 0) return killed.rowCount
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      return 0
    })
    expect(await killer).toBeGreaterThan(0)
    expect((await planning).filter(({ unplanned }) => unplanned !== null)).toEqual([])
  })

  it('end when they are no longer wanted', async () => {
    if (snapshot === null) throw new Error('no snapshot')
    const controller = new AbortController()
    const queries = Array.from({ length: 2000 }, (_, n) => query(`select * from payments where id = $1 + ${n}`))
    setTimeout(() => controller.abort(new Error('enough')), 100)
    const request = { connectionString: url, queries, snapshot, connections: 2, signal: controller.signal }
    await expect(planQueries(request)).rejects.toThrow('enough')
  })

  it('say of a server that is not there that it is not', async () => {
    if (snapshot === null) throw new Error('no snapshot')
    const connectionString = 'postgres://postgres@127.0.0.1:1/none'
    const request = { connectionString, queries: [query('select 1')], snapshot, connections: 1, signal }
    await expect(planQueries(request)).rejects.toMatchObject({ code: 'phantom-server-lost' })
  })
})
