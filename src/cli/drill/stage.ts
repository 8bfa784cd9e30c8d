/** The databases of a drill: the ledger's server, and the watched one with a fresh copy of the data for each act. */
import { randomBytes } from 'node:crypto'
import { type EmbeddedServer, startEmbedded } from '../../adapters/embedded/server.ts'
import type { DurationMs } from '../../base/time.ts'
import { died, orAbort } from '../scope.ts'
import { type DataOptions, ensureData, SERVICE_ROLE } from './data.ts'
import { type DatabaseClient, withDatabase } from './database.ts'

const LEDGER_SETTINGS = { max_connections: '40', shared_buffers: '64MB' }

/** What the services may take of the connections is decided by their pools; the rest is room to get it wrong. */
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
}

/** The database of one act, as two roles see it. */
export interface ActDatabases {
  /** As superuser: migrations, people's own commands, premortem's collectors. */
  readonly adminUrl: string
  /** As the services' role. */
  readonly serviceUrl: string
}

/** The servers, running, with their data. */
export interface Stage {
  readonly ledgerUrl: string
  /** What one execution of the scenario's probe takes on this machine. */
  readonly probe: DurationMs
  /** A fresh copy of the data for one act. */
  prepareAct(): Promise<ActDatabases>
}

/** What the stage is set with. */
export interface StageOptions extends Omit<DataOptions, 'urlOf'> {
  /** Where the servers keep their files. */
  readonly folder: string
}

/** Starts both servers and makes sure that the data is there. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const ledger = await start(options, 'ledger', LEDGER_SETTINGS)
  const watched = await start(options, 'production', WATCHED_SETTINGS)
  await withDatabase(ledger.connectionString('postgres'), ensureLedgerDatabase)
  const password = randomBytes(24).toString('base64url')
  await withDatabase(watched.connectionString('postgres'), (client) => ensureRole(client, password))
  const data = await ensureData({ ...options, urlOf: (database) => watched.connectionString(database) })
  return {
    ledgerUrl: ledger.connectionString('premortem'),
    probe: data.probe,
    async prepareAct() {
      const adminUrl = await orAbort(options.scope, copyForAct(watched, data.template))
      return { adminUrl, serviceUrl: asRole(adminUrl, password) }
    },
  }
}

async function start(
  options: StageOptions,
  name: string,
  settings: Readonly<Record<string, string>>,
): Promise<EmbeddedServer> {
  const { folder, scope, live } = options
  const onProgress = (line: string) => live.line(line, null, 'quiet')
  const server = await startEmbedded({ name, root: folder, settings, signal: scope.signal, onProgress })
  const title = `PostgreSQL (${name})`
  scope.own(title, () => server.stop('fast'))
  void server.exited.then((exit) => {
    if (!exit.expected) scope.abort(died(title, exit.signal ?? `exit code ${exit.code}`, server.logFile))
  })
  return server
}

async function ensureLedgerDatabase(client: DatabaseClient): Promise<void> {
  const { rowCount } = await client.query("select from pg_database where datname = 'premortem'")
  if (rowCount === 0) await client.query('create database premortem')
}

/** The role is the server's, not a database's: its password is new at every start and is written nowhere. */
async function ensureRole(client: DatabaseClient, password: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [SERVICE_ROLE])
  const verb = rowCount === 0 ? 'create' : 'alter'
  await client.query(`${verb} role ${SERVICE_ROLE} login password ${client.escapeLiteral(password)}`)
}

async function copyForAct(watched: EmbeddedServer, template: string): Promise<string> {
  await withDatabase(watched.connectionString('postgres'), async (client) => {
    await client.query('drop database if exists payments with (force)')
    await client.query(`create database payments template ${client.escapeIdentifier(template)} strategy file_copy`)
  })
  const adminUrl = watched.connectionString('payments')
  await withDatabase(adminUrl, (client) => client.query('select pg_stat_statements_reset()'))
  return adminUrl
}

function asRole(url: string, password: string): string {
  const parsed = new URL(url)
  parsed.username = SERVICE_ROLE
  parsed.password = password
  return parsed.href
}
