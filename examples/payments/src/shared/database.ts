/** A pool of connections, and how long anybody waits for it or for an answer. */
import pg from 'pg'
import type { StoringConfig } from './config.ts'
import type { HttpMetrics } from './metrics.ts'
import { addDatabaseMetrics } from './metrics.ts'

/** Seconds after which a caller may well try again, sent as Retry-After. */
export const RETRY_AFTER_SECONDS = 1
/** How long closing waits for queries that still run, milliseconds. */
const CLOSE_TIMEOUT_MS = 1_000

/** The database could not serve a request now; later it may. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable'
}

/** Runs one statement and gives its rows. */
export type Query = <Row extends object>(text: string, values?: readonly unknown[]) => Promise<readonly Row[]>

export interface Database {
  /**
   * Runs one statement on a connection of the pool.
   * @throws DatabaseUnavailable when no connection or no answer came in time, or the connection broke.
   */
  readonly query: Query
  /** Ends all connections; those still busy after a second are left to the process's end. */
  close(): Promise<void>
}

interface DatabaseOptions {
  readonly config: StoringConfig
  readonly queryTimeoutMs: number
  readonly metrics: HttpMetrics
  readonly onConnectionError: (error: Error) => void
}

/** PostgreSQL's text for a time in UTC, as ISO 8601. */
const isoTime = (text: string): string => `${text.slice(0, 10)}T${text.slice(11).replace('+00', 'Z')}`

function parserOf(type: number): (text: string) => unknown {
  // Ids and amounts stay far below 2^53.
  if (type === pg.types.builtins.INT8) return Number
  if (type === pg.types.builtins.TIMESTAMPTZ) return isoTime
  return pg.types.getTypeParser(type)
}

/** SQLSTATE classes of a server that is gone, going or full: connection exceptions, operator intervention, resources. */
const isConnectionFault = (code: string): boolean => /^(08|57|53)/.test(code) || /^E[A-Z]+$/.test(code)

function unavailable(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (
    error instanceof AggregateError ||
    isConnectionFault(code) ||
    /^(Connection terminated|Client )/.test(error.message)
  ) {
    return new DatabaseUnavailable('Database connection lost', { cause: error })
  }
  return error
}

/** Waits for the answer at most so long. */
async function within<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DatabaseUnavailable(`No answer to a query in ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    return await Promise.race([answer, deadline])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Opens a pool whose connections carry `<service>@<release>` as application_name.
 *
 * The query timeout ends the caller's wait, not the query: PostgreSQL is not told, and the connection stays taken until
 * it has answered. Many drivers' timeouts work like this one, and it is what lets slow queries fill a pool.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const { config, metrics, queryTimeoutMs } = options
  const pool = new pg.Pool({
    connectionString: config.DATABASE_URL,
    application_name: `${config.SERVICE}@${config.RELEASE}`,
    max: config.POOL_MAX,
    connectionTimeoutMillis: config.CHECKOUT_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    options: '-c timezone=UTC',
    types: { getTypeParser: parserOf },
  })
  // Without these listeners a connection that the server ends would end this process.
  pool.on('error', options.onConnectionError)
  pool.on('connect', (client) => client.on('error', options.onConnectionError))
  const database = addDatabaseMetrics(metrics.registry, () => ({
    used: pool.totalCount - pool.idleCount,
    idle: pool.idleCount,
    pending: pool.waitingCount,
    max: config.POOL_MAX,
  }))

  const checkout = async (): Promise<pg.PoolClient> => {
    try {
      return await pool.connect()
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('timeout exceeded')) {
        database.checkoutTimedOut()
        throw new DatabaseUnavailable('Unable to acquire database connection from pool', { cause: error })
      }
      throw unavailable(error)
    }
  }

  const query: Query = async <Row extends object>(text: string, values: readonly unknown[] = []) => {
    const client = await checkout()
    const started = performance.now()
    const answer = client.query<Row>(text, [...values])
    const settled = (broken: boolean) => {
      database.observeQuery((performance.now() - started) / 1000)
      client.release(broken)
    }
    answer.then(
      () => settled(false),
      (error: unknown) => settled(unavailable(error) instanceof DatabaseUnavailable),
    )
    try {
      return (await within(answer, queryTimeoutMs)).rows
    } catch (error) {
      throw unavailable(error)
    }
  }

  const close = async () => {
    const grace = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS).unref())
    await Promise.race([pool.end(), grace])
  }
  return { query, close }
}
