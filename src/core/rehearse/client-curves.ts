import { epochMs, seconds } from '../../base/time.ts'
import { serviceName } from '../../base/units.ts'
import type { SeriesPoint } from '../watch/samples.ts'
import { byIntendedTime, windows } from './client-windows.ts'
import type { RequestOutcome } from './load.ts'

/** The traffic's own view is kept under this name. */
const CLIENT_SERIES = serviceName('client')

/**
 * The client's view as curves, one point a second, by the intended send times: `client_requests`,
 * `client_error_rate_percent` (failed or dropped) and `client_latency_p95_ms` (of the requests that were sent).
 * A second without a request has `client_requests` 0 and no other point.
 */
export function clientCurves(outcomes: readonly RequestOutcome[]): readonly SeriesPoint[] {
  const sorted = byIntendedTime(outcomes)
  const first = sorted[0]
  const last = sorted.at(-1)
  if (!first || !last) return []
  const second = seconds(1)
  const from = epochMs(Math.floor(first.intendedAt / 1000) * 1000)
  const to = epochMs(Math.floor(last.intendedAt / 1000) * 1000 + second)
  return windows({ outcomes: sorted, from, to, length: second, step: second }).flatMap((window) => {
    const point = (metric: string, value: number): SeriesPoint => ({
      at: window.from,
      service: CLIENT_SERIES,
      release: null,
      metric,
      value,
    })
    return [
      point('client_requests', window.requests),
      ...(window.requests === 0 ? [] : [point('client_error_rate_percent', window.errorRate)]),
      ...(window.p95 === null ? [] : [point('client_latency_p95_ms', window.p95)]),
    ]
  })
}
