/** Prometheus metrics under OpenTelemetry's names, with dots as underscores and the unit at the end. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Upper bounds of the latency buckets in seconds. Whoever merges histograms of several services relies on these. */
export const LATENCY_BOUNDS_SECONDS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 20, 30,
]

export interface RequestLabels {
  readonly service: string
  readonly release: string
  readonly method: string
  readonly route: string
  readonly status: number
}

export interface HttpMetrics {
  readonly registry: Registry
  observe(labels: RequestLabels, seconds: number): void
}

/** A registry with the process's own metrics and the request histogram. */
export function createHttpMetrics(): HttpMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const duration = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Time from a request to the end of its answer.',
    labelNames: [
      'service_name',
      'service_version',
      'http_request_method',
      'http_route',
      'http_response_status_code',
    ] as const,
    buckets: LATENCY_BOUNDS_SECONDS,
    registers: [registry],
  })
  return {
    registry,
    observe: (labels, seconds) =>
      duration.observe(
        {
          service_name: labels.service,
          service_version: labels.release,
          http_request_method: labels.method,
          http_route: labels.route,
          http_response_status_code: String(labels.status),
        },
        seconds,
      ),
  }
}

export interface PoolCounts {
  readonly used: number
  readonly idle: number
  readonly pending: number
  readonly max: number
}

export interface DatabaseMetrics {
  /** Time of one query on its connection, without the wait for the pool. */
  observeQuery(seconds: number): void
  checkoutTimedOut(): void
}

/** Adds the pool's figures, read when somebody asks, and the time of queries. */
export function addDatabaseMetrics(registry: Registry, counts: () => PoolCounts): DatabaseMetrics {
  const registers = [registry]
  new Gauge({
    name: 'db_client_connection_count',
    help: 'Connections of the pool by state.',
    labelNames: ['db_client_connection_state'] as const,
    registers,
    collect() {
      const now = counts()
      this.set({ db_client_connection_state: 'used' }, now.used)
      this.set({ db_client_connection_state: 'idle' }, now.idle)
    },
  })
  const gauge = (name: string, help: string, read: (now: PoolCounts) => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read(counts()))
      },
    })
  gauge('db_client_connection_max', 'Connections that the pool may open.', (now) => now.max)
  gauge('db_client_connection_pending_requests', 'Requests that wait for a connection.', (now) => now.pending)
  const operations = new Histogram({
    name: 'db_client_operation_duration_seconds',
    help: 'Time of one query on its connection, without the wait for the pool.',
    buckets: LATENCY_BOUNDS_SECONDS,
    registers,
  })
  const timeouts = new Counter({
    name: 'db_client_connection_timeouts_total',
    help: 'Requests that got no connection in time.',
    registers,
  })
  return { observeQuery: (seconds) => operations.observe(seconds), checkoutTimedOut: () => timeouts.inc() }
}
