/** The databases of a drill: the ledger's server, the watched server, and the cached data that each act starts from. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { type EmbeddedServer, startEmbedded } from '../../adapters/embedded/server.ts'
import { createMigrations } from '../../adapters/postgres/migrations/runner.ts'
import type { Clock } from '../../base/time.ts'
import type { Script } from '../../core/rehearse/script.ts'
import { died, orAbort, type Scope } from '../scope.ts'
import { type ExamplePaths, generateData } from './example.ts'
import type { Live } from './live.ts'

/** What the services' connections may take of it is decided by their pools; the rest is room to get it wrong. */
const WATCHED_SETTINGS = {
  max_connections: '220',
  superuser_reserved_connections: '8',
  shared_buffers: '1GB',
  // Nothing in a drill has to survive the machine; a killed process loses nothing without fsync.
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_wal_size: '4GB',
  checkpoint_timeout: '30min',
  'auto_explain.log_min_duration': '2s',
  'auto_explain.log_timing': 'off',
  track_activity_query_size: '4096',
} as const

const ROLE = 'payments_app'

export interface Stage {
  readonly ledgerUrl: string
  readonly watched: EmbeddedServer
  /** A fresh copy of the data for one act. */
  prepareAct(): Promise<{ readonly adminUrl: string; readonly serviceUrl: string }>
}

export interface StageOptions {
  readonly folder: string
  readonly rows: number
  readonly script: Script
  readonly example: ExamplePaths
  readonly clock: Clock
  readonly live: Live
  readonly scope: Scope
}

/** Starts both servers and makes sure that the data is there: generated once per size, then cached. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const { folder, scope, live } = options
  const start = async (name: string, settings: Readonly<Record<string, string>>) => {
    const server = await startEmbedded({
      name,
      root: folder,
      settings,
      signal: scope.signal,
      onProgress: (line) => live.line(line, null, 'quiet'),
    })
    scope.own(`PostgreSQL (${name})`, () => server.stop('fast'))
    void server.exited.then((exit) => {
      if (!exit.expected)
        scope.abort(died(`PostgreSQL (${name})`, exit.signal ?? `exit code ${exit.code}`, server.logFile))
    })
    return server
  }
  const ledger = await start('ledger', { max_connections: '40', shared_buffers: '64MB' })
  const watched = await start('production', WATCHED_SETTINGS)
  const template = await ensureData({ ...options, watched })
  await query(ledger.connectionString('postgres'), async (client) => {
    const { rowCount } = await client.query("select 1 from pg_database where datname = 'premortem'")
    if (rowCount === 0) await client.query('create database premortem')
  })
  return {
    ledgerUrl: ledger.connectionString('premortem'),
    watched,
    prepareAct: () => orAbort(scope, copyForAct(watched, template)),
  }
}

async function copyForAct(watched: EmbeddedServer, template: string) {
  await query(watched.connectionString('postgres'), async (client) => {
    await client.query('drop database if exists payments with (force)')
    await client.query(`create database payments template ${client.escapeIdentifier(template)} strategy file_copy`)
  })
  const adminUrl = watched.connectionString('payments')
  await query(adminUrl, (client) => client.query('select pg_stat_statements_reset()'))
  return { adminUrl, serviceUrl: asRole(adminUrl) }
}

/** The same database as the services' own, unprivileged role; it has no password: the server trusts this machine's loopback. */
function asRole(url: string): string {
  const parsed = new URL(url)
  parsed.username = ROLE
  parsed.password = ROLE
  return parsed.href
}

/** The name of the database that holds the generated data. Made anew when its recipe changed. */
async function ensureData(options: StageOptions & { readonly watched: EmbeddedServer }): Promise<string> {
  const { watched, rows, example, live, scope } = options
  const recipe = await recipeOf(example, options.script, { rows, seed: DATA_SEED })
  const template = `payments_${rows}`
  const admin = watched.connectionString('postgres')
  const cached = await query(admin, async (client) => {
    const found = await client.query<{ recipe: string | null }>(
      "select shobj_description(oid, 'pg_database') as recipe from pg_database where datname = $1",
      [template],
    )
    return found.rows[0]?.recipe === recipe
  })
  if (cached) {
    live.line(`Data: ${rows.toLocaleString('en')} payments, from the cache`, null, 'quiet')
    return template
  }
  live.line(`Data: generating ${rows.toLocaleString('en')} payments (once; cached afterwards)`)
  await query(admin, async (client) => {
    await dropOthers(client)
    await client.query(`create database ${client.escapeIdentifier(template)}`)
    await client.query(
      `do $$ begin if not exists (select 1 from pg_roles where rolname = '${ROLE}') then create role ${ROLE} login password '${ROLE}'; end if; end $$`,
    )
  })
  const url = watched.connectionString(template)
  await query(url, (client) => client.query('create extension if not exists pg_stat_statements'))
  const migrations = createMigrations({
    connectionString: url,
    folderOf: (release) => join(example.releases, release, 'migrations'),
    clock: options.clock,
  })
  await orAbort(scope, migrations.apply(options.script.stable, scope.signal))
  await generateData(example, { url, rows, seed: DATA_SEED, signal: scope.signal, onProgress: progressOn(live) })
  await query(url, async (client) => {
    await client.query(`grant usage, create on schema public to ${ROLE}`)
    await client.query(`grant select, insert, update, delete on all tables in schema public to ${ROLE}`)
    await client.query(`grant usage, select on all sequences in schema public to ${ROLE}`)
    await client.query(
      `alter default privileges in schema public grant select, insert, update, delete on tables to ${ROLE}`,
    )
    await client.query(`alter default privileges in schema public grant usage, select on sequences to ${ROLE}`)
  })
  await query(admin, (client) =>
    client.query(`comment on database ${client.escapeIdentifier(template)} is ${client.escapeLiteral(recipe)}`),
  )
  return template
}

/** A line for every quarter of the way, not for every step. */
function progressOn(live: Live): (line: string) => void {
  let told = ''
  return (line) => {
    const step = line.split(' ')[0] ?? ''
    if (step === told) return
    told = step
    live.line(`  ${step} …`, null, 'quiet')
  }
}

/** The data does not follow the traffic's seed: a new seed must not cost a minute of loading. */
const DATA_SEED = 20240315

/** Only one size is kept: a drill must not fill the disk over the weeks. */
async function dropOthers(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ datname: string }>(
    String.raw`select datname from pg_database where datname ~ '^payments(_\d+)?$'`,
  )
  for (const { datname } of rows) await client.query(`drop database ${client.escapeIdentifier(datname)} with (force)`)
}

/** A fingerprint of everything that the data depends on. */
async function recipeOf(
  example: ExamplePaths,
  script: Script,
  parameters: { rows: number; seed: number },
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(parameters))
  for (const folder of [join(example.releases, script.stable, 'migrations'), example.data]) {
    for (const name of (await readdir(folder)).sort()) {
      if (name.endsWith('.sql') || name.endsWith('.ts')) hash.update(name).update(await readFile(join(folder, name)))
    }
  }
  return `premortem ${hash.digest('hex')}`
}

/** One short-lived connection. */
export async function query<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString,
    application_name: 'premortem-drill',
    connectionTimeoutMillis: 10_000,
  })
  // A dying server is reported by its own watcher; this connection's queries reject by themselves.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
