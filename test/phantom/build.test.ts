import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diskBytes, migration, openPhantom, temporaryRoot } from './fidelity-helpers.ts'
import {
  BEFORE,
  bigSnapshot,
  planOf,
  query,
  relationOf,
  snapshotOf,
  statement,
  withApplied,
} from './fidelity-snapshots.ts'

const signal = new AbortController().signal

describe('a phantom of fifty million rows', () => {
  it('plans for all of them, in less than 100 MB of disk, with files beyond 1 GiB in segments', async () => {
    const root = temporaryRoot()
    const phantom = await openPhantom(bigSnapshot(), { root })
    expect(phantom.skipped).toEqual([])
    const all = await planOf(phantom, 'select * from payments')
    expect(all).toMatchObject({ 'Node Type': 'Seq Scan', 'Plan Rows': 50_000_000 })
    // A page costs 1, a row 0.01.
    expect(all['Total Cost']).toBe(700_000 + 500_000)
    const one = await planOf(phantom, 'select * from payments where id = $1')
    expect(one).toMatchObject({ 'Node Type': 'Index Scan', 'Index Name': 'payments_pkey', 'Plan Rows': 1 })
    const segments = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => /^\d+\.[1-5]$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
    expect(segments.length).toBe(6)
    expect(new Set(segments.map((file) => statSync(file).mode & 0o777))).toEqual(new Set([0o600]))
    const homes = readdirSync(join(root, 'postgres')).filter((name) => !name.includes('template'))
    expect(diskBytes(join(root, 'postgres', homes[0] ?? ''))).toBeLessThan(100e6)
  })

  it('knows what a dropped index was good for, and what a new one would be', async () => {
    const files = await migration('drop index payments_pending; create index payments_status on payments (status);')
    const phantom = await openPhantom(bigSnapshot(), { files })
    expect(phantom.failure).toBeNull()
    const sql = "select id from payments where status = 'pending' order by id limit 10"
    const states = [BEFORE, withApplied(1), withApplied(2)]
    const plans = (await phantom.planAll([query(sql)], states, signal)).map(([one]) => one?.variants[0]?.plan)
    expect(JSON.stringify(plans[0])).toContain('payments_pending')
    expect(JSON.stringify(plans[1])).not.toContain('payments_pending')
    const size = await phantom.sizeOf('payments_status', withApplied(2), signal)
    expect(size?.modelled).toBe(true)
    expect((size?.bytes ?? 0) / 8192).toBeGreaterThan(30_000)
    expect(await phantom.sizeOf('payments_pending', BEFORE, signal)).toMatchObject({
      bytes: 700 * 8192,
      modelled: false,
    })
    expect(await phantom.sizeOf('payments_pending', withApplied(1), signal)).toBeNull()
  })

  it('names the further statement that PostgreSQL refuses, and goes on without it', async () => {
    const phantom = await openPhantom(bigSnapshot())
    const good = 'create index further on payments (status)'
    const bad = 'create index refused on payments ((status || now()::text))'
    const planWith = (extra: readonly string[]) =>
      phantom.plan([query('select id from payments')], { ...BEFORE, extra }, signal)
    await expect(planWith([good, bad])).rejects.toMatchObject({ name: 'ExtraRefused', sql: bad, sqlState: '42P17' })
    expect((await planWith([good]))[0]?.unplanned).toBeNull()
    expect(await phantom.sizeOf('further', { ...BEFORE, extra: [good] }, signal)).toMatchObject({ modelled: true })
  })

  it('searches indexes of production height', async () => {
    const phantom = await openPhantom(bigSnapshot())
    // A level costs 50 operators; 137,000 pages make three levels above the leaves.
    const one = await planOf(phantom, 'select id from payments where id = $1')
    const low = await openPhantom({
      ...bigSnapshot(),
      relations: bigSnapshot().relations.map((each) => (each.name === 'payments_pkey' ? { ...each, height: 1 } : each)),
    })
    const flat = await planOf(low, 'select id from payments where id = $1')
    expect((one['Startup Cost'] ?? 0) - (flat['Startup Cost'] ?? 0)).toBeCloseTo(2 * 50 * 0.0025, 1)
  })
})

describe('what a phantom cannot have', () => {
  it('is named, with all that depends on it', async () => {
    const phantom = await openPhantom(
      snapshotOf(
        [
          statement('create extension postgis', { kind: 'extension', object: 'postgis', extension: 'postgis' }),
          statement('create table places (id bigint, spot geometry)', {
            object: 'public.places',
            extension: 'postgis',
          }),
          statement('create table visits (id bigint primary key)', { object: 'public.visits' }),
          statement('create index places_spot on places using gist (spot)', {
            kind: 'index',
            object: 'public.places_spot',
          }),
        ],
        [relationOf('visits', { pages: 10, reltuples: 1000 }), relationOf('places', { pages: 10, reltuples: 1000 })],
      ),
    )
    expect(phantom.skipped.map(({ object }) => object)).toEqual(['postgis', 'public.places', 'public.places_spot'])
    expect(phantom.skipped[0]?.reason).toContain('lacks the extension "postgis"')
    expect(phantom.skipped[1]?.reason).toContain('needs the extension')
    expect((await planOf(phantom, 'select * from visits'))['Plan Rows']).toBe(1000)
  })

  it('includes statistics whose values are no values of their column', async () => {
    const base = bigSnapshot()
    const relations = base.relations.map((one) => ({
      ...one,
      columns: one.columns.map((column) =>
        column.column === 'id' ? { ...column, histogramBounds: '{a,b,c}' } : column,
      ),
    }))
    const phantom = await openPhantom({ ...base, relations })
    expect(phantom.skipped).toEqual([
      { object: 'statistics of public.payments.id', reason: expect.stringContaining('invalid input syntax') },
    ])
  })
})

describe('a phantom at its end', () => {
  it('leaves only the template for the next one', async () => {
    const root = temporaryRoot()
    const phantom = await openPhantom(bigSnapshot(), { root })
    await phantom.close()
    expect(readdirSync(join(root, 'postgres')).filter((name) => !name.startsWith('phantom-template'))).toEqual([])
    expect(existsSync(root)).toBe(true)
  })
})
