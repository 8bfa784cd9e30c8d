/** What one interval of one service comes to, release by release, before it is made samples. Pure. */
import type { DurationMs, EpochMs } from '../../base/time.ts'
import { type ReleaseId, releaseId, type ServiceName } from '../../base/units.ts'
import type { ServiceSample } from '../../core/watch/samples.ts'
import type { Increase } from './counters.ts'
import type { MetricSample } from './exposition.ts'
import { latencyBuckets } from './latency.ts'

/** Requests that no release answered, because the gateway found no upstream for them, are of this release. */
export const NO_RELEASE = releaseId('none')

const REQUESTS = 'http_server_request_duration_seconds'
const POOL_COUNT = 'db_client_connection_count'
const POOL_MAX = 'db_client_connection_max'
const POOL_PENDING = 'db_client_connection_pending_requests'

/** Counters on the gateway's page. */
export const GATEWAY_COUNTERS: ReadonlySet<string> = new Set([`${REQUESTS}_count`, `${REQUESTS}_bucket`])
/** The counter on a replica's page: seconds that its requests spent in the database. */
export const DATABASE_TIME = 'db_client_operation_duration_seconds_sum'

interface Tally {
  requests: number
  errors: number
  /** Increases of the cumulative buckets, by upper bound in seconds. */
  readonly cumulative: Map<number, number>
  databaseMs: number
  readonly pool: { used: number; max: number; pending: number }
  replicas: number
}

function sumOf(samples: readonly MetricSample[], name: string, state?: string): number {
  let sum = 0
  for (const sample of samples) {
    const other = state !== undefined && sample.labels.get('db_client_connection_state') !== state
    if (sample.name === name && !other && Number.isFinite(sample.value)) sum += sample.value
  }
  return sum
}

/** What proxies write when the client went away before its answer came (nginx's number). */
const CLIENT_GAVE_UP = 499

/** A status that is no number is an answer that never came. */
const isError = (status: string | undefined): boolean => !(Number(status) < 500) || Number(status) === CLIENT_GAVE_UP

/** The tallies of all releases of one service over one interval. */
export class Tallies {
  private readonly byRelease = new Map<ReleaseId, Tally>()

  private of(release: ReleaseId): Tally {
    const known = this.byRelease.get(release)
    if (known !== undefined) return known
    const pool = { used: 0, max: 0, pending: 0 }
    const fresh: Tally = { requests: 0, errors: 0, cumulative: new Map(), databaseMs: 0, pool, replicas: 0 }
    this.byRelease.set(release, fresh)
    return fresh
  }

  /** Requests, errors and latency, from what the gateway counted. */
  addRequests(service: ServiceName, increases: readonly Increase[]): void {
    for (const { name, labels, by } of increases) {
      if (labels.get('service_name') !== service || by === 0) continue
      const tally = this.of(releaseId(labels.get('service_version') || NO_RELEASE))
      if (name === `${REQUESTS}_count`) {
        tally.requests += by
        if (isError(labels.get('http_response_status_code'))) tally.errors += by
      } else {
        const bound = labels.get('le') === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.get('le'))
        tally.cumulative.set(bound, (tally.cumulative.get(bound) ?? 0) + by)
      }
    }
  }

  /** Pool gauges and database time of one replica. */
  addReplica(release: ReleaseId, samples: readonly MetricSample[], databaseTime: readonly Increase[]): void {
    const tally = this.of(release)
    tally.replicas += 1
    tally.pool.used += sumOf(samples, POOL_COUNT, 'used')
    tally.pool.max += sumOf(samples, POOL_MAX)
    tally.pool.pending += sumOf(samples, POOL_PENDING)
    for (const { by } of databaseTime) tally.databaseMs += by * 1000
  }

  addDatabaseTime(times: ReadonlyMap<ReleaseId, number>): void {
    for (const [release, databaseMs] of times) this.of(release).databaseMs += databaseMs
  }

  /** Moves the database time out, for a later interval. */
  takeDatabaseTime(): Map<ReleaseId, number> {
    const taken = new Map<ReleaseId, number>()
    for (const [release, tally] of this.byRelease) {
      if (tally.databaseMs > 0) taken.set(release, tally.databaseMs)
      tally.databaseMs = 0
    }
    return taken
  }

  samples(of: { service: ServiceName; at: EpochMs; interval: DurationMs }): ServiceSample[] {
    return [...this.byRelease].map(([release, tally]) => ({
      at: of.at,
      interval: of.interval,
      service: of.service,
      release,
      requests: tally.requests,
      errors: tally.errors,
      latency: latencyBuckets(tally.cumulative, tally.requests),
      databaseMs: tally.databaseMs,
      pool: tally.pool,
      replicas: tally.replicas,
    }))
  }
}
