import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { takeSnapshot } from '../../src/adapters/postgres/snapshot/take.ts'
import { epochMs } from '../../src/base/time.ts'
import { readSnapshot } from '../../src/cli/snapshot/read.ts'
import { printSnapshot } from '../../src/core/check/snapshot-file.ts'
import { query, startPostgres, type TestPostgres } from '../adapters/fixtures/postgres.ts'

const AWKWARD = readFileSync(new URL('./fixtures/awkward.sql', import.meta.url), 'utf8')
const NOW = epochMs(Date.UTC(2026, 10, 20, 12))

const take = (connectionString: string) =>
  takeSnapshot({ connectionString, values: 'keep', now: NOW, signal: AbortSignal.timeout(60_000), schema: 'catalog' })

/** The same database through another role. */
function as(url: string, role: string): string {
  const address = new URL(url)
  address.username = role
  address.password = 'x'
  return address.href
}

describe('taking a snapshot', () => {
  let postgres: TestPostgres
  let awkward: string

  beforeAll(async () => {
    postgres = await startPostgres()
    awkward = await postgres.database()
    await query(awkward, 'create role awkward_app', AWKWARD)
  })
  afterAll(() => postgres.stop())

  it('gives a schema that makes the same schema again on an empty database', async () => {
    const first = await take(awkward)
    const copy = await postgres.database()
    for (const { sql } of first.schema) await query(copy, sql)
    const second = await take(copy)
    expect(second.schema).toEqual(first.schema)
    expect(second.sequences.map(({ name }) => name)).toEqual(first.sequences.map(({ name }) => name))
    expect(first.missing.map(({ what }) => what)).toEqual(['the workload of pg_stat_statements'])
    expect(first.extendedStatistics).toMatchObject([{ name: 'Sales Dept.st', table: 'Sales Dept.Orders' }])
  })

  it('says which extension a statement needs', async () => {
    const { schema } = await take(awkward)
    const needs = schema
      .filter(({ extension }) => extension !== null)
      .map(({ object, extension }) => `${object}: ${extension}`)
    expect(needs).toContain('public.customers: citext')
    expect(needs).toContain('public.Customers "Name": pg_trgm')
  })

  it('comes back from its file as it was', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'premortem-snapshot-'))
    try {
      const snapshot = await take(awkward)
      writeFileSync(join(folder, 'a.json'), printSnapshot(snapshot))
      expect(await readSnapshot(join(folder, 'a.json'))).toEqual(snapshot)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('reads the ends of indexed columns, sizes, sequences and applied migrations', async () => {
    const url = await postgres.database()
    await query(
      url,
      "create table t (id bigserial primary key, kind char(3)); create index on t (kind); insert into t (kind) select 'k' || i % 5 from generate_series(1, 50000) i",
      'create table schema_migrations (version text); insert into schema_migrations values (2), (1)',
      'create table flyway_schema_history (version text, success bool); insert into flyway_schema_history values (7, true), (8, false)',
      'vacuum analyze',
    )
    const snapshot = await take(url)
    const table = snapshot.relations.find(({ name, kind }) => name === 't' && kind === 'r')
    expect(table).toMatchObject({ reltuples: 50_000, relpages: table?.pages, relallvisible: table?.pages })
    expect(table?.columns).toMatchObject([
      { column: 'id', low: '1', high: '50000', nDistinct: -1 },
      { column: 'kind', low: 'k0 ', high: 'k4 ', nDistinct: 5 },
    ])
    expect(snapshot.sequences).toMatchObject([{ name: 't_id_seq', lastValue: '50000', ownedBy: 'public.t.id' }])
    expect(snapshot.appliedMigrations).toEqual(['1', '2', '7'])
    expect(snapshot.settings.find(({ name }) => name === 'random_page_cost')).toEqual({
      name: 'random_page_cost',
      value: '4',
    })
  })

  it('counts the workload by fingerprint, and leaves out utility statements, catalogs and its own questions', async () => {
    const url = await postgres.database()
    await query(url, 'create extension pg_stat_statements', 'create table w (a int, b text)')
    for (const a of [1, 2, 3])
      await query(url, `select * from w where a = ${a} and b in ('x', 'y'${', 1::text'.repeat(a)})`)
    await query(url, 'select relname from pg_class limit 1', 'vacuum w')
    await take(url)
    const { workload, workloadMinutes } = await take(url)
    expect(workload).toMatchObject([{ role: 'postgres', rows: 0, source: 'pg_stat_statements', name: null }])
    expect((workload[0]?.callsPerMinute ?? 0) * (workloadMinutes ?? 0)).toBeCloseTo(3, 1)
    expect(workload[0]?.text).not.toMatch(/'x'/)
  })

  it('goes on without what the role may not see, and names the grants', async () => {
    const url = await postgres.database()
    const name = new URL(url).pathname.slice(1)
    await query(
      url,
      'create extension pg_stat_statements',
      'create table hidden (id serial primary key, secret text); insert into hidden (secret) select i::text from generate_series(1, 100) i; analyze hidden',
      'create table schema_migrations (version text)',
      'select secret from hidden where id = 1',
      "create role reader login password 'x'",
    )
    const poor = await take(as(url, 'reader'))
    const grants = poor.missing.flatMap(({ grant }) => grant ?? [])
    expect(poor.relations.find((one) => one.name === 'hidden')).toMatchObject({ reltuples: 100, columns: [] })
    expect(grants).toEqual([
      'GRANT pg_read_all_stats TO reader',
      'GRANT pg_read_all_data TO reader',
      'GRANT pg_read_all_data TO reader',
      'GRANT SELECT ON public.schema_migrations TO reader',
    ])
    await query(url, ...grants)
    const rich = await take(as(url, 'reader'))
    expect(rich.missing).toEqual([])
    expect(rich.workload.map(({ text }) => text)).toContain('select secret from hidden where id = $1')
    expect(rich.relations.find((one) => one.name === 'hidden')?.columns).toHaveLength(2)
    await query(
      url,
      `drop owned by reader`,
      `revoke pg_read_all_data, pg_read_all_stats from reader`,
      'drop role reader',
    )
    expect(name).toMatch(/^test_/)
  })

  it('says in one error what is wrong with the address, and never prints the password', async () => {
    const url = new URL(await postgres.database())
    const failing = async (change: (address: URL) => void) => {
      const address = new URL(url)
      change(address)
      const error: unknown = await take(address.href).catch((reason: unknown) => reason)
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(address.password)
      return error
    }
    const wrong = await failing((address) => {
      address.password = 'planted-password'
    })
    expect(wrong).toMatchObject({ code: 'snapshot-cannot-connect', remedy: expect.stringContaining('password') })
    const none = await failing((address) => {
      address.pathname = '/nowhere'
    })
    expect(none).toMatchObject({
      code: 'snapshot-cannot-connect',
      remedy: expect.stringContaining('database that exists'),
    })
    const closed = await failing((address) => {
      address.port = '1'
    })
    expect(closed).toMatchObject({ code: 'snapshot-cannot-connect', retriable: true })
  })

  it('refuses a server that is too old', async () => {
    const fake = createServer((socket) => {
      const message = (type: string, body: Buffer) => {
        const head = Buffer.alloc(5)
        head.write(type)
        head.writeInt32BE(body.length + 4, 1)
        return Buffer.concat([head, body])
      }
      const ready = message('Z', Buffer.from('I'))
      const column = (name: string) =>
        Buffer.concat([
          Buffer.from(`${name}\0`),
          Buffer.from('000000000000000000190000ffffffff0000'.slice(0, 36), 'hex'),
        ])
      const field = (text: string) => Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)])
      socket.once('data', () => socket.write(Buffer.concat([message('R', Buffer.alloc(4)), ready])))
      socket.on('error', () => undefined)
      socket.on('data', (data) => {
        if (!data.includes('server_version_num')) return
        const tag = (text: string) => message('C', Buffer.from(`${text}\0`))
        const sets = [...data.toString().matchAll(/;\nset local/g)].map(() => tag('SET'))
        const rows = [
          message('T', Buffer.concat([Buffer.from([0, 2]), column('version'), column('role')])),
          message('D', Buffer.concat([Buffer.from([0, 2]), field('120004'), field('app')])),
          tag('SELECT 1'),
        ]
        socket.write(Buffer.concat([tag('BEGIN'), ...sets, ...rows, tag('COMMIT'), ready]))
      })
    })
    await new Promise<void>((resolve) => fake.listen(0, '127.0.0.1', resolve))
    const address = fake.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    try {
      await expect(take(`postgres://app@127.0.0.1:${port}/shop`)).rejects.toMatchObject({
        code: 'snapshot-server-too-old',
        message: 'The server runs PostgreSQL 12; snapshots are taken of PostgreSQL 13 and newer.',
      })
    } finally {
      fake.close()
    }
  })
})
