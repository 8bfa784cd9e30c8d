/** Plausible curves for the hand-made ledgers. A seeded source of noise: the same curves every time. */

import { prng } from '../../src/base/prng.ts'
import { epochMs } from '../../src/base/time.ts'
import { type ReleaseId, serviceName } from '../../src/base/units.ts'
import type { Act } from '../../src/core/rehearse/scenario.ts'
import type { SeriesPoint } from '../../src/core/watch/samples.ts'
import { BAD, clockOf, FIX, GOOD, SERVICE } from './sample-world.ts'

interface Minute {
  readonly error: number
  readonly p95: number
  readonly pool: number
  readonly max: number
  readonly pending: number
  readonly longest: number
  readonly database: readonly (readonly [ReleaseId, number, number])[]
}

const ramp = (minute: number, from: number, to: number): number =>
  Math.max(0, Math.min(1, (minute - from) / (to - from)))

function unguardedMinute(minute: number, noise: () => number): Minute {
  const bad = minute > 11.6 && minute < 95
  const depth = bad ? ramp(minute, 12, 28) : 1 - ramp(minute, 94, 97)
  const hurt = minute > 12 && minute < 97 ? depth : 0
  const worse = minute > 76 ? 14.8 : minute > 61 ? 6.2 : 9
  const max = minute > 76 && minute < 95 ? 400 : minute > 61 ? 150 : 102
  const release = minute > 149 ? FIX : bad ? BAD : GOOD
  return {
    error: hurt < 0.5 ? hurt * 2 : worse * hurt * (0.7 + 0.6 * noise()),
    p95: hurt === 0 ? 5 + 4 * noise() : 60 + 11_000 * hurt ** 2 * (0.7 + 0.5 * noise()),
    pool: Math.min(max, Math.round(hurt === 0 ? 6 + 6 * noise() : 12 + max * hurt * 1.4)),
    max,
    pending: hurt > 0.6 ? Math.round(400 * hurt * (0.7 + 0.5 * noise())) : 0,
    longest: hurt === 0 ? 0.02 : 0.4 + 8 * hurt * (0.8 + 0.3 * noise()),
    database: [[release, release === BAD ? 300 + 5200 * depth * (0.8 + 0.3 * noise()) : 1.8 + noise(), 60]],
  }
}

function guardedMinute(minute: number, noise: () => number): Minute {
  const live = minute > 11.6 && minute < 20.5
  const hurt = live ? ramp(minute, 12, 20) : minute < 23 && minute >= 20.5 ? 0.4 : 0
  const database: (readonly [ReleaseId, number, number])[] = [[GOOD, 1.8 + noise() + 20 * hurt, live ? 54 : 60]]
  if (live) database.push([BAD, 200 + 900 * hurt * (0.7 + 0.5 * noise()), 6])
  return {
    error: hurt > 0.5 ? 4 * hurt * noise() : 0,
    p95: 5 + 4 * noise() + 700 * hurt ** 2,
    pool: Math.round(6 + 5 * noise() + 40 * hurt),
    max: live ? 204 : 102,
    pending: hurt > 0.8 ? 4 : 0,
    longest: live ? 0.3 + 2.6 * hurt : 0.02,
    database,
  }
}

/** The curves of one act, one look a second. */
export function seriesOf(act: Act): readonly SeriesPoint[] {
  const clock = clockOf(act)
  const source = prng(act === 'unguarded' ? 7 : 11)
  const noise = () => source.next()
  const points: SeriesPoint[] = []
  for (let minute = 0; minute <= (act === 'unguarded' ? 168 : 70); minute += 1) {
    const at = epochMs(clock.startedAt + minute * clock.pace)
    const look = act === 'unguarded' ? unguardedMinute(minute, noise) : guardedMinute(minute, noise)
    const put = (service: string, release: ReleaseId | null, figures: Record<string, number>) => {
      for (const [metric, value] of Object.entries(figures)) {
        points.push({ at, service: serviceName(service), release, metric, value })
      }
    }
    put('client', null, { client_error_rate_percent: look.error, client_latency_p95_ms: look.p95, client_requests: 60 })
    look.database.forEach(([release, ms, rate], place) => {
      const pool =
        place === 0
          ? { pool_used: look.pool, pool_max: look.max, pool_pending: look.pending }
          : { pool_used: 0, pool_max: 0, pool_pending: 0 }
      const utilisation = look.max === 0 ? 0 : (look.pool / look.max) * 100
      put(SERVICE, release, {
        request_rate: rate,
        error_rate_percent: look.error,
        latency_p95_ms: look.p95,
        database_ms_per_request: ms,
        replicas: 3,
        pool_utilisation_percent: utilisation,
        ...pool,
      })
    })
    put('order-service', GOOD, {
      request_rate: 20,
      error_rate_percent: look.error * 0.9,
      latency_p95_ms: look.p95 * 1.05,
    })
    put('notification-service', GOOD, { request_rate: 10, error_rate_percent: 0, latency_p95_ms: 3 + look.p95 / 5000 })
    put('postgresql', null, {
      connections_used: look.pool + 12,
      longest_query_seconds: look.longest,
      active_statements: Math.round(look.pool * 0.8),
      waiting_locks: 0,
      slow_queries_per_minute: look.longest > 2 ? 60 : 0,
    })
  }
  return points
}
