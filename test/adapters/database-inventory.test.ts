import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  createDatabaseSource,
  type DatabaseSource,
  INVENTORY_EVERY,
} from '../../src/adapters/postgres/watched/database-source.ts'
import { ms } from '../../src/base/time.ts'
import { invalidIndexes } from '../../src/core/watch/inventory.ts'
import { handClock } from './fixtures/clock.ts'
import { query, startPostgres, type TestPostgres, withClient } from './fixtures/postgres.ts'
import { until } from './fixtures/wait.ts'

const never = new AbortController().signal

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres({ max_connections: '30' })
})
afterAll(() => postgres.stop())

describe('the inventory of a watched database', () => {
  let database: string
  let clock: ReturnType<typeof handClock>
  let watching: DatabaseSource
  beforeEach(async () => {
    database = await postgres.database()
    clock = handClock()
    watching = createDatabaseSource({ connectionString: database, clock, deadline: ms(15_000) })
    await query(
      database,
      'create extension pg_stat_statements',
      'create table payments (id int, status text)',
      'insert into payments values (1, null), (1, null)',
      'create index idx_status on payments (status)',
      'create schema archive',
      'create table archive.old (id int primary key)',
    )
  })
  afterEach(() => watching.close())

  const next = async () => {
    clock.advance(INVENTORY_EVERY)
    const { sample, missing } = await watching.sample(never)
    return { inventory: sample?.inventory ?? null, missing }
  }

  it('is taken at the first look and then every few seconds, of user tables only', async () => {
    const first = await withClient(database, async (other) => {
      await other.query('create temp table passing (id int primary key, note text)')
      return (await watching.sample(never)).sample?.inventory
    })
    expect(first?.indexes).toEqual([
      {
        name: 'archive.old_pkey',
        table: 'archive.old',
        definition: 'CREATE UNIQUE INDEX old_pkey ON archive.old USING btree (id)',
        valid: true,
        sizeBytes: 8192,
        scans: 0,
      },
      expect.objectContaining({ name: 'idx_status', table: 'payments', valid: true, sizeBytes: 16_384 }),
    ])
    clock.advance(INVENTORY_EVERY - 1)
    expect((await watching.sample(never)).sample?.inventory).toBeNull()
    clock.advance(1)
    expect((await watching.sample(never)).sample?.inventory).toEqual(first)
  })

  it('shows an index that was dropped, and one whose build failed as not valid', async () => {
    await next()
    await query(database, 'drop index idx_status')
    const failing = query(database, 'create unique index concurrently idx_id on payments (id)')
    await expect(failing).rejects.toMatchObject({ code: '23505' })
    const found = (await next()).inventory?.indexes.map(({ name, valid }) => [name, valid])
    expect(found).toEqual([
      ['archive.old_pkey', true],
      ['idx_id', false],
    ])
  })

  it('comes with the builds under way, whose index is not valid yet', async () => {
    await withClient(database, async (writer) => {
      await writer.query("begin; insert into payments values (2, 'open')")
      await withClient(database, async (builder) => {
        const building = builder.query('create index concurrently idx_id on payments (id)')
        await until('the build waits', async () => {
          clock.advance(INVENTORY_EVERY)
          const { sample } = await watching.sample(never)
          const found = sample?.inventory?.indexes.find(({ name }) => name === 'idx_id')
          if (sample === null || found === undefined) return false
          expect(found.valid).toBe(false)
          expect(invalidIndexes(sample)).toEqual([])
          return true
        })
        await writer.query('commit')
        await building
      })
    })
    expect((await next()).inventory?.indexes.find(({ name }) => name === 'idx_id')?.valid).toBe(true)
  })

  it('shows settings as sessions get them, not those of the watch, and what databases and roles have set', async () => {
    const before = (await next()).inventory?.settings
    expect(before).toMatchObject({ max_connections: '30', jit: 'on', lock_timeout: '0 ms', statement_timeout: '0 ms' })
    const name = new URL(database).pathname.slice(1)
    await query(
      database,
      `alter database ${name} set statement_timeout = '7s'`,
      "alter system set work_mem = '9MB'",
      'select pg_reload_conf()',
    )
    await until('the change shows', async () => (await next()).inventory?.settings.work_mem === '9216 kB')
    const after = (await next()).inventory?.settings
    expect(after).toEqual({ ...before, work_mem: '9216 kB', 'statement_timeout (this database)': '7s' })
    await query(database, 'alter system reset work_mem', 'select pg_reload_conf()')
  })

  it('is left out while a migration holds a table, and the rest of the look is there', async () => {
    await withClient(database, async (migration) => {
      await migration.query('begin; lock table payments')
      const { sample, missing } = await watching.sample(never)
      expect(sample).toMatchObject({ inventory: null, connections: { max: 30 } })
      expect(missing).toEqual(['settings and indexes: canceling statement due to lock timeout'])
    })
    expect(await next()).toMatchObject({ missing: [], inventory: { indexes: { length: 2 } } })
  })
})
