import pg from 'pg'
import { type DurationMs, seconds } from '../../../base/time.ts'

/** No statement of the ledger takes longer; one that does waits on a lock or on a server in trouble. */
const STATEMENT_TIMEOUT = seconds(10)
const CONNECT_TIMEOUT = seconds(5)
const DEFAULT_MAX_CONNECTIONS = 5

/** What `createLedgerPool` needs. */
export interface LedgerPoolOptions {
  readonly connectionString: string
  /** Connections at most. Default 5. */
  readonly max?: number
  /** Default 10 s. */
  readonly statementTimeout?: DurationMs
  /** A connection was lost, such as at a restart of the server. The pool replaces it by itself. */
  readonly onError: (error: Error) => void
}

/** A pool for the ledger whose every wait ends. The caller ends it. */
export function createLedgerPool(options: LedgerPoolOptions): pg.Pool {
  const timeout = options.statementTimeout ?? STATEMENT_TIMEOUT
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.max ?? DEFAULT_MAX_CONNECTIONS,
    application_name: 'premortem-ledger',
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    statement_timeout: timeout,
    idle_in_transaction_session_timeout: 2 * timeout,
  })
  pool.on('error', options.onError)
  // Without it, the loss of a connection that is in use but between two queries would end the process.
  pool.on('connect', (client) => client.on('error', options.onError))
  return pool
}
