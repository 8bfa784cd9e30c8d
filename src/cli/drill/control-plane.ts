/** premortem itself, as it runs beside the system of one act: ledger, engine, jobs, watch. */

import { enqueueCommands } from '../../adapters/jobs/enqueue.ts'
import { migrateJobs, startJobs } from '../../adapters/jobs/jobs.ts'
import { migrateLedger } from '../../adapters/postgres/ledger/migrate.ts'
import { createLedgerPool } from '../../adapters/postgres/ledger/pool.ts'
import { createSampleStore } from '../../adapters/postgres/ledger/sample-store.ts'
import { createStore } from '../../adapters/postgres/ledger/store.ts'
import { createDatabaseSource } from '../../adapters/postgres/watched/database-source.ts'
import { createInspector } from '../../adapters/postgres/watched/inspector.ts'
import { createSources } from '../../adapters/postgres/watched/sources.ts'
import { createServiceSource } from '../../adapters/prometheus/service-source.ts'
import { type Clock, type DurationMs, ms } from '../../base/time.ts'
import type { Stream } from '../../core/events.ts'
import type { Monitor } from '../../core/monitor.ts'
import type { Migrations } from '../../core/release/ports.ts'
import { toPoints } from '../../core/watch/points.ts'
import type { SampleStore } from '../../core/watch/ports.ts'
import type { Observation } from '../../core/watch/samples.ts'
import type { AnyDecider } from '../../engine/decide.ts'
import { createEngine, type Engine } from '../../engine/engine.ts'
import { releaseHandlers } from '../../engine/release-handlers.ts'
import { startWatchLoop } from '../../engine/watch-loop.ts'
import type { Scope } from '../scope.ts'
import type { ReferenceSystem } from './system.ts'

const WATCH_INTERVAL = ms(1000)

export interface ControlPlane {
  readonly engine: Engine
  readonly samples: SampleStore
  /** The newest observation, or null before the first. */
  latest(): Observation | null
  stop(): Promise<void>
}

export interface ControlPlaneOptions {
  readonly stream: Stream
  readonly ledgerUrl: string
  readonly watchedUrl: string
  readonly system: ReferenceSystem
  readonly migrations: Migrations
  readonly deciders: readonly AnyDecider[]
  readonly monitors: readonly Monitor<unknown>[]
  /** How long observations are kept for the monitors. */
  readonly window: DurationMs
  readonly clock: Clock
  readonly scope: Scope
  /** Trouble that does not stop the watch: a source that gave nothing, a point that was not stored. */
  readonly onTrouble: (text: string) => void
}

/** Brings the ledger's schema up to date and starts everything. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { stream, clock, scope, system, onTrouble } = options
  const trouble = (error: unknown) => onTrouble(error instanceof Error ? error.message : String(error))
  const pool = createLedgerPool({ connectionString: options.ledgerUrl, max: 10, onError: trouble })
  const closePool = scope.own('the connections to the ledger', () => pool.end())
  await migrateLedger(pool)
  await migrateJobs({ pool })
  const store = createStore({ pool, enqueue: enqueueCommands })
  const samples = createSampleStore({ pool })
  const handlers = releaseHandlers({ ...system, migrations: options.migrations, clock })
  const engine = createEngine({ store, deciders: options.deciders, handlers, clock, onError: trouble })
  const jobs = await startJobs({
    database: { pool },
    onCommand: ({ stream: of, command }, attempt) => engine.carryOut(of, command, attempt),
  })
  const stopJobs = scope.own('the job runner', () => jobs.stop())
  const inspector = createInspector({ connectionString: options.watchedUrl })
  const stopInspector = scope.own('the inspector', () => inspector.close())
  const database = createDatabaseSource({ connectionString: options.watchedUrl, clock })
  const stopDatabase = scope.own('the collector', () => database.close())
  const service = createServiceSource({
    gatewayMetricsUrl: system.gatewayMetricsUrl,
    service: stream.service,
    replicas: () => system.deployments.list().filter((replica) => replica.service === stream.service),
    clock,
  })
  let latest: Observation | null = null
  const watch = startWatchLoop({
    engine,
    stream,
    sources: createSources({ service, database, clock }),
    samples,
    inspector,
    monitors: options.monitors,
    toPoints,
    clock,
    interval: WATCH_INTERVAL,
    window: options.window,
    onObservation: (observation) => {
      latest = observation
    },
    onError: trouble,
  })
  const stopWatch = scope.own('the watch', () => watch.stop())
  return {
    engine,
    samples,
    latest: () => latest,
    async stop() {
      for (const end of [stopWatch, stopDatabase, stopInspector, stopJobs, closePool]) await end()
    },
  }
}
