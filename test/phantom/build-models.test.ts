import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EmbeddedServer, startEmbedded } from '../../src/adapters/embedded/server.ts'
import { takeSnapshot } from '../../src/adapters/postgres/snapshot/take.ts'
import { epochMs } from '../../src/base/time.ts'
import type { Snapshot } from '../../src/core/check/snapshot.ts'
import { migration, openPhantom } from './fidelity-helpers.ts'
import { BEFORE, planOf, withApplied } from './fidelity-snapshots.ts'

const signal = new AbortController().signal

/** A real table of 200,000 rows; what the phantom models is then done to it in earnest. */
const SCHEMA = `
  create table orders (id bigint primary key, email text not null, status text not null, amount numeric(12, 2),
    region int not null, tags text[], placed timestamptz not null);
  insert into orders select i, 'User' || i || '@example.com', case when i % 100 = 0 then 'open' else 'done' end,
    (i % 977) / 7.0, i % 12, array['t' || i % 40, 'u' || i % 7], '2024-01-01'::timestamptz + i * interval '1 minute'
  from generate_series(1, 200000) i;
  create index orders_placed on orders (placed);
  vacuum analyze orders;`
const CHANGES = [
  'create index made_region on orders (region)',
  'create index made_status_open on orders (placed) where status = $$open$$',
  'create index made_email on orders (lower(email))',
  'create index made_two on orders (region, placed)',
  'create index made_amount on orders (amount)',
  'create index made_brin on orders using brin (placed)',
  'create index made_covering on orders (region) include (status)',
  'alter table orders alter column region type bigint',
  'alter table orders add column flag boolean not null default true, add column note text',
]

let root: string
let server: EmbeddedServer
let client: pg.Client
let snapshot: Snapshot

const realPages = async (relation: string): Promise<number> => {
  const { rows } = await client.query<{ pages: number }>(
    'select (pg_relation_size($1::regclass) / 8192)::int as pages',
    [relation],
  )
  return rows[0]?.pages ?? 0
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'premortem-models-'))
  server = await startEmbedded({ name: 'real', root, settings: { fsync: 'off', autovacuum: 'off' } })
  const connectionString = server.connectionString()
  client = new pg.Client({ connectionString })
  await client.connect()
  for (const sql of SCHEMA.split(';\n')) await client.query(sql)
  snapshot = await takeSnapshot({ connectionString, values: 'keep', now: epochMs(0), signal, workload: [] })
  for (const sql of CHANGES) await client.query(sql.replaceAll('$$', "'"))
})

afterAll(async () => {
  await client.end()
  await server.stop('immediate')
  rmSync(root, { recursive: true, force: true })
})

describe('what a change makes', () => {
  it.each([
    ['made_region', 0.05],
    ['made_status_open', 0.1],
    ['made_email', 0.15],
    ['made_two', 0.05],
    ['made_amount', 0.1],
    ['made_brin', 0.5],
    ['made_covering', 0.1],
    ['orders_pkey', 0.02],
    ['orders', 0.05],
  ])('has the size that it really gets: %s within %f', async (relation, tolerance) => {
    const phantom = await openPhantom(snapshot, { files: await migration(`${CHANGES.join(';\n')};`), root })
    expect(phantom.failure).toBeNull()
    const size = await phantom.sizeOf(relation, withApplied(CHANGES.length), signal)
    const [modelled, real] = [(size?.bytes ?? 0) / 8192, await realPages(relation)]
    expect(Math.abs(modelled / real - 1), `${modelled} pages modelled, ${real} real`).toBeLessThanOrEqual(tolerance)
  })

  it('has no statistics right withApplied, and modelled ones after ANALYZE', async () => {
    const phantom = await openPhantom(snapshot, { files: await migration(`${CHANGES.join(';\n')};`), root })
    const rowsOf = async (sql: string, analysed: boolean) =>
      (await planOf(phantom, sql, withApplied(CHANGES.length, { analysed })))['Plan Rows']
    const byEmail = "select id from orders where lower(email) = 'user7@example.com'"
    expect(await rowsOf(byEmail, false)).toBe(1000)
    expect(await rowsOf(byEmail, true)).toBe(1)
    expect(await rowsOf('select from orders where region = 3', true)).toBeGreaterThan(14_000)
    expect(await rowsOf('select from orders where region = 3', true)).toBeLessThan(20_000)
    expect(await rowsOf('select from orders where flag', true)).toBe(200_000)
    expect(await rowsOf('select from orders where note is null', true)).toBe(200_000)
  })

  it('differs a little in each jittered state, and the same seed gives the same', async () => {
    const big = {
      ...snapshot,
      relations: snapshot.relations.map((one) =>
        one.name === 'orders'
          ? { ...one, reltuples: one.reltuples * 100, relpages: one.relpages * 100, pages: one.pages * 100 }
          : one,
      ),
    }
    const phantom = await openPhantom(big, { root })
    const sql = "select from orders where status = 'open'"
    const rowsOf = async (seed: number) => (await planOf(phantom, sql, { ...BEFORE, jitter: { seed } }))['Plan Rows']
    const plain = (await planOf(phantom, sql))['Plan Rows']
    const [first, again, second] = [await rowsOf(1), await rowsOf(1), await rowsOf(2)]
    expect(first).toBe(again)
    expect(second).not.toBe(first)
    // Ten standard errors of one in a hundred, in 30,000 rows.
    expect(Math.abs(first / plain - 1)).toBeLessThan(10 * Math.sqrt(0.99 / (0.01 * 30_000)))
  })
})
