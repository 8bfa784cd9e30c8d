/** The connection on which migrations run: one at a time per database, and it can be called off. */
import type pg from 'pg'
import { type Clock, type DurationMs, ms, seconds } from '../../../base/time.ts'
import type { ReleaseId } from '../../../base/units.ts'
import { connect, databaseUnreachable, destroy, disconnect, isUnreachable } from '../watched/client.ts'
import { migrationBusy } from './problems.ts'

/** Application names of premortem itself begin so. */
const APPLICATION = 'premortem-migrate'
/** No single statement runs longer: an index build on a very large table takes hours. */
const STATEMENT_DEADLINE: DurationMs = seconds(12 * 3600)
const BUSY_DEADLINE: DurationMs = seconds(60)
const BUSY_EVERY: DurationMs = ms(250)
/** Key of the advisory lock: any number that nobody else uses. */
const LOCK_KEY = 7_305_520_918_274

/**
 * `applied_at` is null while a file that cannot be one transaction has been applied in part. `statements`: what ran, as
 * told; `told` is false until an `apply` that succeeded has given them to its caller.
 */
const CREATE_TABLE = `
create table if not exists public.premortem_migrations (
  file text primary key,
  checksum text not null,
  applied_at timestamptz,
  statements jsonb not null,
  told boolean not null default false
)`

/** Whose migrations run, and where. */
export interface SessionOptions {
  readonly connectionString: string
  readonly clock: Clock
  readonly release: ReleaseId
  readonly signal: AbortSignal
}

/** Polls instead of waiting inside PostgreSQL: a waiting transaction would hold up the other's CONCURRENTLY. */
async function takeLock(client: pg.Client, { clock, release, signal }: SessionOptions): Promise<void> {
  const start = clock.monotonic()
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [LOCK_KEY])
    if (rows[0]?.locked) return
    if (clock.monotonic() - start >= BUSY_DEADLINE) throw migrationBusy(release, BUSY_DEADLINE / 1000)
    await clock.sleep(BUSY_EVERY, signal)
    signal.throwIfAborted()
  }
}

/** Ends what the connection runs; the statement then fails and its transaction is rolled back. */
async function cancel(connectionString: string, pid: number): Promise<void> {
  const other = await connect({ connectionString, applicationName: APPLICATION, settings: {} })
  try {
    await other.query('select pg_cancel_backend($1)', [pid])
  } finally {
    await disconnect(other)
  }
}

const pidOf = (client: pg.Client): number => (client as unknown as { processID: number }).processID

/**
 * Runs `work` while no other premortem migrates this database. When `signal` is aborted the running statement is
 * cancelled in the database.
 * @throws Problem `database-unreachable`, `migration-busy`; the reason of `signal`; what `work` throws
 */
export async function withSession<T>(options: SessionOptions, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const { connectionString, signal } = options
  signal.throwIfAborted()
  const settings = { statement_timeout: String(STATEMENT_DEADLINE) }
  const client = await connect({ connectionString, applicationName: APPLICATION, settings }).catch((error: unknown) => {
    throw databaseUnreachable(error)
  })
  const stop = () => {
    // When not even that connection can be had, the end of ours ends the work.
    cancel(connectionString, pidOf(client)).catch(() => destroy(client))
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    await takeLock(client, options)
    await client.query(CREATE_TABLE)
    return await work(client)
  } catch (error) {
    signal.throwIfAborted()
    throw isUnreachable(error) ? databaseUnreachable(error) : error
  } finally {
    signal.removeEventListener('abort', stop)
    await disconnect(client)
  }
}
