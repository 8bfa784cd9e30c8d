import pg from 'pg'
import { Problem } from '../../../base/problem.ts'
import { type DurationMs, ms } from '../../../base/time.ts'

/** How to connect. */
export interface ClientOptions {
  readonly connectionString: string
  /** How the connection shows in `pg_stat_activity`. */
  readonly applicationName: string
  /** Settings of the session, such as `lock_timeout`; they win over the role's and the database's. */
  readonly settings: Readonly<Record<string, string>>
  /** Default 5 s. */
  readonly connectWithin?: DurationMs
}

const DEFAULT_CONNECT_WITHIN = ms(5000)
const DISCONNECT_WITHIN_MS = 2000
/** Codes of the network, and of PostgreSQL, that mean: there is no server to talk to now. */
const UNREACHABLE = /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOENT|08|57P0[1-5]|53300)/
/** What the driver says without a code. */
const UNREACHABLE_TEXT = /^(Connection terminated|timeout expired|Client has encountered a connection error)/

/** PostgreSQL's five-character code, or the system's; empty when there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** Never empty: the system gives no text when each address of a host refused. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0])
  return error instanceof Error ? error.message || codeOf(error) || error.name : String(error)
}

/** True when the server was not there, or went away. */
export function isUnreachable(error: unknown): boolean {
  return UNREACHABLE.test(codeOf(error)) || UNREACHABLE_TEXT.test(messageOf(error))
}

/** Opens one connection. @throws the driver's error when that fails, or does not succeed in time. */
export async function connect(options: ClientOptions): Promise<pg.Client> {
  const settings = Object.entries(options.settings).map(([name, value]) => `-c ${name}=${value.replaceAll(' ', '\\ ')}`)
  const client = new pg.Client({
    connectionString: options.connectionString,
    application_name: options.applicationName,
    options: settings.join(' '),
    connectionTimeoutMillis: options.connectWithin ?? DEFAULT_CONNECT_WITHIN,
    keepAlive: true,
  })
  // A connection that breaks between two queries fails the next query, which says so.
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (error) {
    destroy(client)
    throw error
  }
  return client
}

/** Ends a connection at once, without waiting for what runs on it. */
export function destroy(client: pg.Client): void {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } }
  connection.stream.destroy()
}

/** Ends a connection in order; at once when the server does not answer to that. Never rejects. */
export async function disconnect(client: pg.Client): Promise<void> {
  const timer = setTimeout(() => destroy(client), DISCONNECT_WITHIN_MS)
  try {
    await client.end()
  } catch {
    // Already broken: what was wanted.
  } finally {
    clearTimeout(timer)
  }
}

/** The watched database cannot be reached. The connection string stays out of it: it holds the password. */
export function databaseUnreachable(error: unknown): Problem {
  return new Problem({
    code: 'database-unreachable',
    what: `The watched database cannot be reached: ${messageOf(error)}.`,
    remedy: 'Check that PostgreSQL runs, that the address and the password are right and that a connection is free.',
    retriable: true,
    cause: error,
  })
}
