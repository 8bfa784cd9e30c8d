/** The two real databases that phantoms are compared with: loaded once, kept from run to run. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { generate } from '../../examples/payments/data/generate.ts'
import { type EmbeddedServer, startEmbedded } from '../../src/adapters/embedded/server.ts'
import type { WorkloadQuery } from '../../src/core/check/snapshot.ts'
import { queriesFromSql } from '../../src/core/check/workload/sql-file.ts'

const HERE = new URL('./schemas/', import.meta.url).pathname
const EXAMPLE = new URL('../../examples/payments/', import.meta.url).pathname

/** A schema with its data and its questions. */
export interface Subject {
  readonly name: 'payments' | 'awkward'
  readonly queries: readonly WorkloadQuery[]
  /** Makes and fills it. */
  load(connectionString: string, rows: number): Promise<void>
}

async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const readQueries = (file: string): readonly WorkloadQuery[] => queriesFromSql(readFileSync(file, 'utf8'), file)

const payments: Subject = {
  name: 'payments',
  queries: [
    ...readdirSync(join(EXAMPLE, 'queries')).flatMap((file) => readQueries(join(EXAMPLE, 'queries', file))),
    ...['2.3.0', '2.3.1'].flatMap((release) => readQueries(join(EXAMPLE, 'releases', release, 'queries.sql'))),
    ...readQueries(join(HERE, 'payments-queries.sql')),
  ],
  async load(connectionString, rows) {
    const folder = join(EXAMPLE, 'releases/2.3.0/migrations')
    await withClient(connectionString, async (client) => {
      for (const file of readdirSync(folder).sort()) await client.query(readFileSync(join(folder, file), 'utf8'))
    })
    await generate({ connectionString, rows, until: new Date('2024-03-15T00:00:00Z') })
  },
}

const awkward: Subject = {
  name: 'awkward',
  queries: readQueries(join(HERE, 'awkward-queries.sql')),
  async load(connectionString, rows) {
    await withClient(connectionString, async (client) => {
      await client.query(readFileSync(join(HERE, 'awkward.sql'), 'utf8'))
      await client.query(readFileSync(join(HERE, 'awkward-data.sql'), 'utf8').replaceAll('$ROWS', String(rows)))
      await client.query('VACUUM (ANALYZE)')
    })
  },
}

export const SUBJECTS: readonly Subject[] = [payments, awkward]

/** A server with both, each in a database of its name; what is missing is loaded. */
export async function startReal(options: {
  readonly root: string
  readonly rows: number
  readonly onProgress: (line: string) => void
}): Promise<EmbeddedServer> {
  const settings = {
    fsync: 'off',
    autovacuum: 'off',
    shared_buffers: '512MB',
    max_wal_size: '4GB',
    maintenance_work_mem: '256MB',
  }
  const server = await startEmbedded({ name: 'fidelity', root: options.root, settings })
  for (const subject of SUBJECTS) {
    const there = await withClient(server.connectionString(), async (client) => {
      const { rows } = await client.query('select from pg_database where datname = $1', [subject.name])
      if (rows.length === 0) await client.query(`create database ${subject.name}`)
      return rows.length > 0
    })
    if (there) continue
    options.onProgress(`loading ${subject.name}`)
    await subject.load(server.connectionString(subject.name), options.rows)
    await withClient(server.connectionString(subject.name), async (client) => {
      await client.query('vacuum analyze')
      await client.query('create extension if not exists pageinspect')
    })
  }
  return server
}

/** Names of all GIN indexes in these databases. */
export async function ginIndexes(connectionStrings: readonly string[]): Promise<readonly string[]> {
  const found: string[] = []
  for (const connectionString of connectionStrings) {
    const { rows } = await withClient(connectionString, (client) =>
      client.query<{ name: string }>(
        "select c.relname as name from pg_class c join pg_am a on a.oid = c.relam where a.amname = 'gin'",
      ),
    )
    found.push(...rows.map(({ name }) => name))
  }
  return found
}
