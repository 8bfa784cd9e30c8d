import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { type EmbeddedServer, startEmbedded } from '../../src/adapters/embedded/server.ts'
import { loadSqlParser } from '../../src/adapters/sqlparser/parser.ts'
import type { Snapshot, WorkloadQuery } from '../../src/core/check/snapshot.ts'
import type { ParsedFile } from '../../src/core/check/sql.ts'
import { fingerprintOf } from '../../src/core/postgres/fingerprint.ts'

/** A server for one test file. */
export function serverForThisFile(): {
  /** A new database with this in it; its connection string. */
  database(sql: string): Promise<string>
} {
  let server: EmbeddedServer | null = null
  let [root, made] = ['', 0]
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'premortem-planner-'))
    const settings = { autovacuum: 'off', fsync: 'off' }
    server = await startEmbedded({ name: 'phantom', root, settings, initdbFlags: ['--no-data-checksums'] })
  })
  afterAll(async () => {
    await server?.stop()
    rmSync(root, { recursive: true, force: true })
  })
  return {
    database: async (sql) => {
      if (server === null) throw new Error('the server has not started')
      made += 1
      const name = `d${made}`
      await withClient(server.connectionString(), (client) => client.query(`create database ${name}`))
      const url = server.connectionString(name)
      await withClient(url, (client) => client.query(sql))
      return url
    },
  }
}

export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

const parser = await loadSqlParser()

export const file = (text: string, extra: Partial<ParsedFile> = {}): ParsedFile => ({
  path: 'migrations/0001.sql',
  text,
  format: 'plain',
  version: '0001',
  transactional: true,
  ignores: [],
  ...parser.parse(text),
  ...extra,
})

export const query = (text: string, extra: Partial<WorkloadQuery> = {}): WorkloadQuery => ({
  fingerprint: fingerprintOf(text),
  text,
  name: null,
  callsPerMinute: null,
  meanMs: null,
  rows: null,
  role: null,
  source: 'file',
  file: null,
  line: null,
  ...extra,
})

/** Relations with made-up sizes, for databases that are empty. */
export const sized = (snapshot: Snapshot, size: { pages: number; rows: number }): Snapshot => ({
  ...snapshot,
  relations: snapshot.relations.map((one) => ({ ...one, pages: size.pages, reltuples: size.rows })),
})
