/**
 * Jobs of workers that died. graphile-worker keeps a dead worker's job locked, and with it the queue of that service,
 * for four hours. Here each pool of workers holds an advisory lock for as long as its connection lives, and all look
 * regularly for jobs that are locked by a pool whose advisory lock is free: PostgreSQL frees it when a process is gone.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { WorkerUtils } from 'graphile-worker'
import { type DurationMs, seconds } from '../../base/time.ts'
import type { Log } from './log.ts'

const SWEEP_INTERVAL = seconds(1)
/** A pool may take its first job before it has its advisory lock; younger locks are left alone. */
const LOCK_GRACE = seconds(3)
const RECONNECT_DELAY = seconds(1)

type Client = Parameters<Parameters<WorkerUtils['withPgClient']>[0]>[0]

/** What showing life and taking over share. */
export interface Reviving {
  readonly utils: Pick<WorkerUtils, 'withPgClient'>
  readonly log: Log
  /** Ends it. */
  readonly signal: AbortSignal
}

/** Shows that the pool `poolId` lives, until the signal. Never rejects. */
export async function showLife(poolId: string, { utils, log, signal }: Reviving): Promise<void> {
  while (!signal.aborted) {
    try {
      await utils.withPgClient((client) => holdLock(client, poolId, signal))
    } catch (error) {
      if (signal.aborted) return
      log('warning', `lost the connection that shows that this worker lives; connecting again: ${String(error)}`)
      await pause(RECONNECT_DELAY, signal)
    }
  }
}

/** @throws when the connection is lost; PostgreSQL has freed the lock then. */
async function holdLock(client: Client, poolId: string, signal: AbortSignal): Promise<void> {
  let lose: (error: Error) => void = () => undefined
  const lost = new Promise<Error>((resolve) => {
    lose = resolve
  })
  const closed = () => lose(new Error('the connection was closed'))
  client.on('error', lose)
  client.on('end', closed)
  try {
    await client.query(`select pg_advisory_lock(${lockOf('$1')})`, [poolId])
    const error = await Promise.race([lost, aborted(signal)])
    if (error) throw error
    await client.query(`select pg_advisory_unlock(${lockOf('$1')})`, [poolId])
  } finally {
    client.off('error', lose)
    client.off('end', closed)
  }
}

/** Frees the jobs of dead pools, again and again until the signal. Never rejects. */
export async function reviveJobs({ utils, log, signal }: Reviving): Promise<void> {
  while (!signal.aborted) {
    try {
      const { rows } = await utils.withPgClient((client) => client.query<{ pool: string }>(REVIVE, [LOCK_GRACE / 1000]))
      for (const { pool } of rows) log('warning', `took over the jobs of ${pool}, which is gone`)
    } catch (error) {
      log('warning', `could not look for jobs of dead workers; trying again: ${String(error)}`)
    }
    await pause(SWEEP_INTERVAL, signal)
  }
}

const lockOf = (poolId: string) => `hashtextextended('premortem-jobs ' || ${poolId}, 0)`

/** Holding the advisory lock of a pool until commit proves that the pool does not. */
const REVIVE = `
  with holders as materialized (
    select distinct locked_by as pool from graphile_worker.jobs
    where locked_by is not null and locked_at < now() - $1 * interval '1 second'
  ), dead as materialized (
    select pool from holders where pg_try_advisory_xact_lock(${lockOf('pool')})
  ), freed as materialized (
    select graphile_worker.force_unlock_workers(array_agg(pool)) from dead having count(*) > 0
  )
  select dead.pool from dead, freed`

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null)
    else signal.addEventListener('abort', () => resolve(null), { once: true })
  })
}

async function pause(duration: DurationMs, signal: AbortSignal): Promise<void> {
  await wait(duration, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}
