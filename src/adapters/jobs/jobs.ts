/** Carries out queued commands with graphile-worker: retries with back-off, timers, one command at a time per service. */
import { EventEmitter } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { makeWorkerUtils, type Runner, type RunnerOptions, run, runMigrations, type Task } from 'graphile-worker'
import { type DurationMs, seconds } from '../../base/time.ts'
import { COMMAND_TASK, type CommandJob } from './enqueue.ts'
import { type Log, quiet, toLogger } from './log.ts'
import { reviveJobs, showLife } from './revive.ts'

const DEFAULT_CONCURRENCY = 4
/** How late a timer or a retry may be. New commands do not wait for it: PostgreSQL notifies of them. */
const POLL_INTERVAL = 200
const DEFAULT_STOP_DEADLINE = seconds(10)
const RESTART_DELAY = seconds(1)
/** How long ending by force may take: it writes to the database that the jobs go back. */
const FORCE_DEADLINE = seconds(5)
/**
 * With a delay of its own, even of none, writing the outcome of a job is tried again, and waited for at the stop. By
 * default graphile-worker lets go of that promise: a lost connection would then end the process.
 */
const AWAIT_OUTCOMES = { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } }

/** Where the queue is. */
export interface JobsDatabase {
  /**
   * Stays the caller's, who ends it and listens to `error` of the pool and of its clients. Two connections are held all
   * the time, and one for each job while it is fetched or finished: 4 or more. Not a connection string: a pool that
   * graphile-worker makes itself is still closing when `stop` has resolved, without a listener for errors by then.
   */
  readonly pool: NonNullable<RunnerOptions['pgPool']>
}

/** What `startJobs` needs. */
export interface JobsOptions {
  readonly database: JobsDatabase
  /**
   * Does the work; a throw is tried again later. `attempt` counts from 1, starts that never ended included. `signal` is
   * aborted when the worker must stop.
   */
  readonly onCommand: (job: CommandJob, attempt: { attempt: number; signal: AbortSignal }) => Promise<unknown>
  /** Commands at once, of different services. Default 4. */
  readonly concurrency?: number
  /** Stops the jobs, as `stop` does. */
  readonly signal?: AbortSignal
  /** Default 10 s: half of it for commands to end by themselves, half after their signal is aborted. */
  readonly stopDeadline?: DurationMs
  /** Default: quiet. */
  readonly log?: Log
}

/** The running workers of this process. */
export interface Jobs {
  /** Takes no new work, lets running commands end until the deadline, and puts the others back. Resolves always. */
  stop(): Promise<void>
}

/** Creates graphile-worker's schema, or brings it up to date. Must have run before a command is enqueued. */
export async function migrateJobs(database: JobsDatabase, log: Log = quiet): Promise<void> {
  await runMigrations({ pgPool: database.pool, logger: toLogger(log) })
}

/** Starts carrying out commands. Survives restarts of the server. @throws when the database cannot be reached now. */
export async function startJobs(options: JobsOptions): Promise<Jobs> {
  const log = options.log ?? quiet
  const shared = { pgPool: options.database.pool, logger: toLogger(log), preset: AWAIT_OUTCOMES }
  const utils = await makeWorkerUtils(shared)
  const stopping = new AbortController()
  const first = await startRunner(options, shared).catch(async (error: unknown) => {
    await utils.release()
    throw error
  })
  const reviving = { utils, log, signal: stopping.signal }
  const supervised = supervise({ first, options, shared, reviving })
  const swept = reviveJobs(reviving)

  const stop = once(async () => {
    stopping.abort()
    await Promise.all([supervised, swept])
    await utils.release()
  })
  options.signal?.addEventListener('abort', stop, { once: true })
  if (options.signal?.aborted) await stop()
  return { stop }
}

interface Running {
  readonly runner: Runner
  readonly poolId: string
}

async function startRunner(options: JobsOptions, shared: RunnerOptions): Promise<Running> {
  const events = new EventEmitter()
  let poolId = ''
  events.once('pool:create', ({ workerPool }) => {
    poolId = workerPool.id
  })
  const task: Task = async (payload, { job, abortSignal }) => {
    // Only `enqueueCommands` adds jobs of this task.
    await options.onCommand(payload as CommandJob, { attempt: job.attempts, signal: abortSignal })
  }
  const runner = await run({
    ...shared,
    events,
    taskList: { [COMMAND_TASK]: task },
    parsedCronItems: [],
    concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
    pollInterval: POLL_INTERVAL,
    gracefulShutdownAbortTimeout: deadlineOf(options) / 2,
    // The command line decides what Ctrl-C means.
    noHandleSignals: true,
  })
  return { runner, poolId }
}

interface Supervision {
  readonly first: Running
  readonly options: JobsOptions
  readonly shared: RunnerOptions
  readonly reviving: Parameters<typeof showLife>[1]
}

/** Runs until the signal; a runner that ended with the database is started again. Never rejects. */
async function supervise({ first, options, shared, reviving }: Supervision): Promise<void> {
  const { signal, log } = reviving
  let current: Running | null = first
  while (current || !signal.aborted) {
    if (current) {
      const ended = new AbortController()
      const life = showLife(current.poolId, { ...reviving, signal: ended.signal })
      await runUntil(current.runner, { signal, log, deadline: deadlineOf(options) })
      ended.abort()
      await life
    }
    if (signal.aborted) return
    log('warning', 'the job runner has ended; starting it again')
    await wait(RESTART_DELAY)
    current = await startRunner(options, shared).catch((error: unknown) => {
      log('error', `the job runner does not start: ${String(error)}`)
      return null
    })
  }
}

interface Until {
  readonly signal: AbortSignal
  readonly deadline: DurationMs
  readonly log: Log
}

/** Resolves when the runner has ended: by itself, or because of the signal, in the end by force. */
async function runUntil(runner: Runner, { signal, deadline, log }: Until): Promise<void> {
  const tell = (error: unknown) => log('error', `the job runner ended with an error: ${String(error)}`)
  const ended = runner.promise.catch(tell)
  const asked = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await Promise.race([ended, asked])
  if (!signal.aborted) return
  const stopped = runner.stop().catch(tell)
  if (await inTime(stopped, deadline)) return
  log('warning', `commands were still running after ${deadline / 1000} s; they go back to the queue`)
  if (await inTime(runner.kill().catch(tell), FORCE_DEADLINE)) return
  log('error', `the job runner did not end within ${FORCE_DEADLINE / 1000} s; its jobs are taken over by the next one`)
}

async function inTime(work: Promise<unknown>, deadline: DurationMs): Promise<boolean> {
  const done = new AbortController()
  const late = wait(deadline, false, { signal: done.signal }).catch(() => true)
  const result = await Promise.race([work.then(() => true), late])
  done.abort()
  return result
}

const deadlineOf = (options: JobsOptions): DurationMs => options.stopDeadline ?? DEFAULT_STOP_DEADLINE

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= work()
    return done
  }
}
