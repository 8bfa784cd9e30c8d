/** Flattens an observation into the points of curves, as stored and drawn. The names are those of the report. */
import { type ServiceName, serviceName } from '../../base/units.ts'
import { latencyQuantile } from '../latency.ts'
import { activeSessions } from '../windows.ts'
import { invalidIndexes } from './inventory.ts'
import { SLOW_STATEMENT } from './rules.ts'
import type { DatabaseSample, Observation, SeriesPoint, ServiceSample } from './samples.ts'

/** The points of the database server are kept under this name. */
export const DATABASE_SERIES: ServiceName = serviceName('postgresql')

const QUANTILES = [
  ['latency_p50_ms', 0.5],
  ['latency_p95_ms', 0.95],
  ['latency_p99_ms', 0.99],
] as const

/** A figure that cannot be known, such as the error rate of no request, has no point. */
type Figures = readonly (readonly [metric: string, value: number | null])[]

function serviceFigures(sample: ServiceSample): Figures {
  const { requests, pool } = sample
  const perRequest = (value: number) => (requests === 0 ? null : value / requests)
  return [
    ['request_rate', sample.interval > 0 ? (requests * 1000) / sample.interval : null],
    ['error_rate_percent', perRequest(sample.errors * 100)],
    ...QUANTILES.map(([metric, q]) => [metric, latencyQuantile(sample.latency, q)] as const),
    ['pool_used', pool.used],
    ['pool_max', pool.max],
    ['pool_pending', pool.pending],
    ['pool_utilisation_percent', pool.max === 0 ? null : (pool.used / pool.max) * 100],
    ['database_ms_per_request', perRequest(sample.databaseMs)],
    ['replicas', sample.replicas],
  ]
}

/** Statements that grew slow within this interval, per minute. */
function slowPerMinute(database: DatabaseSample): number | null {
  if (database.interval <= 0) return null
  const grown = database.running.filter(
    (one) => one.service !== null && one.age > SLOW_STATEMENT && one.age - database.interval <= SLOW_STATEMENT,
  )
  return (grown.length * 60_000) / database.interval
}

function databaseFigures(database: DatabaseSample): Figures {
  const sessions = (wanted: (group: DatabaseSample['activity'][number]) => boolean) =>
    database.activity.filter(wanted).reduce((sum, group) => sum + group.count, 0)
  const build = database.indexBuilds.find((one) => one.progress !== null)
  return [
    ['connections_used', database.connections.used],
    ['connections_max', database.connections.max],
    ['active_statements', sessions((group) => group.state === 'active')],
    ['waiting_locks', sessions((group) => group.waitEventType === 'Lock')],
    ['longest_query_seconds', Math.max(0, ...database.running.map((one) => one.age)) / 1000],
    ['slow_queries_per_minute', slowPerMinute(database)],
    ['index_build_progress_percent', (build?.progress ?? null) === null ? null : (build?.progress ?? 0) * 100],
    ['indexes_invalid', invalidIndexes(database)?.length ?? null],
  ]
}

/**
 * One point per figure: of each service and release (`request_rate`, `error_rate_percent`, `latency_p50_ms`,
 * `latency_p95_ms`, `latency_p99_ms`, `pool_used`, `pool_max`, `pool_pending`, `pool_utilisation_percent`,
 * `database_ms_per_request`, `replicas`, `active_sessions`), and of the database under DATABASE_SERIES
 * (`connections_used`, `connections_max`, `active_statements`, `waiting_locks`, `longest_query_seconds`,
 * `slow_queries_per_minute`, `index_build_progress_percent`: of the oldest build that counts, within its phase;
 * `indexes_invalid`: only when the catalog was looked at, without those that are being built).
 */
export function toPoints(observation: Observation): SeriesPoint[] {
  const { at, database } = observation
  const ofServices = observation.services.flatMap((sample) => {
    const { service, release } = sample
    const sessions = database === null ? null : activeSessions(database, { service, release })
    const figures: Figures = [...serviceFigures(sample), ['active_sessions', sessions]]
    return figures.map(([metric, value]) => ({ at, service, release, metric, value }))
  })
  const ofDatabase = (database === null ? [] : databaseFigures(database)).map(([metric, value]) => ({
    at,
    service: DATABASE_SERIES,
    release: null,
    metric,
    value,
  }))
  return [...ofServices, ...ofDatabase].flatMap((point) =>
    point.value === null ? [] : [{ ...point, value: point.value }],
  )
}
