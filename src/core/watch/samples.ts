/** What is measured once a second. Samples are not events: a decision copies the numbers it used into its why. */
import type { DurationMs, EpochMs } from '../../base/time.ts'
import type { ReleaseId, ServiceName } from '../../base/units.ts'
import type { IndexFact } from '../events.ts'

export { LATENCY_BOUNDS_MS } from '../latency.ts'

/** One release of one service over one interval. Counts are of the interval, gauges are at its end. */
export interface ServiceSample {
  readonly at: EpochMs
  readonly interval: DurationMs
  readonly service: ServiceName
  readonly release: ReleaseId
  readonly requests: number
  /** Answers 5xx, and requests that got no answer. */
  readonly errors: number
  /** Requests per bucket of LATENCY_BOUNDS_MS (not cumulative); length = bounds + 1. */
  readonly latency: readonly number[]
  /** Time that requests of the interval spent in or waiting on the database's answer, summed, in milliseconds. */
  readonly databaseMs: number
  readonly pool: { readonly used: number; readonly max: number; readonly pending: number }
  readonly replicas: number
}

/** Sessions of one application in one state, waiting for the same thing. */
export interface ActivityGroup {
  readonly application: string
  /** From `application_name=<service>@<release>`; null for other applications. */
  readonly service: ServiceName | null
  readonly release: ReleaseId | null
  readonly state: string
  readonly waitEventType: string | null
  readonly waitEvent: string | null
  readonly count: number
}

export interface RunningStatement {
  readonly pid: number
  readonly service: ServiceName | null
  readonly release: ReleaseId | null
  /** `pg_stat_activity.query_id` as text; null when compute_query_id is off. */
  readonly queryId: string | null
  readonly query: string
  readonly startedAt: EpochMs
  readonly age: DurationMs
  readonly waitEventType: string | null
  readonly waitEvent: string | null
}

/** What `pg_stat_statements` counted since the sample before. */
export interface StatementDelta {
  readonly queryId: string
  /** Normalised by PostgreSQL: constants are `$n`. */
  readonly query: string
  readonly calls: number
  readonly totalMs: number
  readonly rows: number
}

export interface IndexBuild {
  readonly pid: number
  readonly index: string
  readonly table: string
  readonly phase: string
  /** 0 to 1 within its phase; null when the phase counts nothing. */
  readonly progress: number | null
  readonly lockersDone: number
  readonly lockersTotal: number
}

/** An index as the catalog has it. */
export interface InventoriedIndex extends IndexFact {
  /** False: queries cannot use it. Its build failed, or has not ended. */
  readonly valid: boolean
  /** As VACUUM, ANALYZE or its build saw it last. */
  readonly sizeBytes: number
  /** Times that it was used since the server's statistics were reset. */
  readonly scans: number
}

/** What the database is set to, and the indexes that it has. */
export interface DatabaseInventory {
  /** Those that affect planning, connections, memory and time-outs, each with its unit. */
  readonly settings: Readonly<Record<string, string>>
  /** All of user tables, by name. */
  readonly indexes: readonly InventoriedIndex[]
}

/** One look at one PostgreSQL server. */
export interface DatabaseSample {
  readonly at: EpochMs
  readonly interval: DurationMs
  readonly activity: readonly ActivityGroup[]
  /** Active client statements, oldest first, at most 200. */
  readonly running: readonly RunningStatement[]
  readonly statements: readonly StatementDelta[]
  readonly indexBuilds: readonly IndexBuild[]
  readonly connections: { readonly used: number; readonly max: number; readonly reserved: number }
  /** Null when it was not looked at in this tick: it is taken every few seconds. */
  readonly inventory: DatabaseInventory | null
}

/** All that one tick of the watch saw. A source that gave nothing is named in `missing`, with the reason. */
export interface Observation {
  readonly at: EpochMs
  readonly services: readonly ServiceSample[]
  readonly database: DatabaseSample | null
  readonly missing: readonly string[]
}

/** A point of a curve, as stored and drawn. `release` is null for a figure of the whole service or server. */
export interface SeriesPoint {
  readonly at: EpochMs
  readonly service: ServiceName
  readonly release: ReleaseId | null
  /** `error_rate_percent`, `request_rate`, `latency_p95_ms`, `pool_used`, `pool_max`, `pool_pending`, … */
  readonly metric: string
  readonly value: number
}
