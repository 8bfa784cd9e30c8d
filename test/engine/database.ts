import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { startEmbedded } from '../../src/adapters/embedded/server.ts'
import { migrateJobs } from '../../src/adapters/jobs/jobs.ts'
import { migrateLedger } from '../../src/adapters/postgres/ledger/migrate.ts'
import { createLedgerPool } from '../../src/adapters/postgres/ledger/pool.ts'

export interface TestServer {
  /** A new, empty database, with the schemas of ledger and jobs in it unless `empty`. */
  database(options?: { empty?: boolean }): Promise<TestDatabase>
  stop(): Promise<void>
}

export interface TestDatabase {
  readonly connectionString: string
  readonly pool: pg.Pool
}

/** A PostgreSQL server of this test file's own. `stop` ends pools and server, and removes the files. */
export async function startTestServer(): Promise<TestServer> {
  const root = await mkdtemp(join(tmpdir(), 'premortem-engine-'))
  const server = await startEmbedded({ name: 'engine', root, settings: { fsync: 'off' } })
  const pools: pg.Pool[] = []
  let stopping = false
  const open = (connectionString: string) => {
    const pool = createLedgerPool({
      connectionString,
      onError: (error) => {
        if (!stopping) console.error('a connection was lost:', error.message)
      },
    })
    pools.push(pool)
    return pool
  }
  const admin = open(server.connectionString())
  let made = 0

  const create = async (template: string) => {
    made += 1
    const name = `test_${made}`
    await admin.query(`create database ${name} template ${template}`)
    return server.connectionString(name)
  }
  const migrated = async () => {
    const connectionString = await create('template1')
    const pool = createLedgerPool({ connectionString, onError: () => undefined })
    await migrateLedger(pool)
    await migrateJobs({ pool })
    await pool.end()
    return new URL(connectionString).pathname.slice(1)
  }
  let template: Promise<string> | undefined

  return {
    database: async ({ empty = false } = {}) => {
      template ??= empty ? undefined : migrated()
      const connectionString = await create(empty ? 'template1' : ((await template) ?? 'template1'))
      return { connectionString, pool: open(connectionString) }
    },
    stop: async () => {
      stopping = true
      await Promise.all(pools.map((pool) => pool.end()))
      await server.stop()
      await rm(root, { recursive: true, force: true })
    },
  }
}
