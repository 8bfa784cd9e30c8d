/** The standard guards, run over an act's own curves: which of them would have spoken, and when. */
import { type EpochMs, epochMs, ms, seconds } from '../../base/time.ts'
import { type Curve, combined, firstSustainedAbove, median, ofMetric, trailingMean } from './curves.ts'
import { type ActFacts, before } from './facts.ts'

/** A rule that can be run over recorded curves. */
export interface Guard {
  readonly id: string
  /** What it watches and its limit, in words. */
  readonly rule: string
  /** True when the limit is passed before clients notice. */
  readonly leading: boolean
  readonly metric: string
  /** What is made of the samples before they are held to the limit; empty when nothing is. */
  readonly over: string
  /** Minutes of the incident for which the limit must stay passed. */
  readonly sustainedMinutes: number
  limit(facts: ActFacts): number | null
  curve(facts: ActFacts): Curve | null
}

/** What a guard would have said. */
export interface Replay {
  readonly guard: Guard
  readonly limit: number | null
  /** Null: never, or the curve is missing (then `limit` or `measured` tells). */
  readonly at: EpochMs | null
  readonly measured: boolean
}

/** The highest error rate that still counts as normal, in percent. */
export const ERROR_RATE_LIMIT = 5
/** How many times the former release's database time per request is beyond doubt. */
const DATABASE_TIME_FACTOR = 10
/** A former release that needs less than this is taken as this: a ratio of tiny numbers says nothing. */
const SMALLEST_DATABASE_MS = 1
/** Minutes of the incident before the deployment that are taken as normal. */
const NORMAL_MINUTES = 10

/** Its alert waits for enough requests; one second of a canary has a handful. */
const DATABASE_TIME_OVER = seconds(5)

const databaseTime = (facts: ActFacts, release: string | null | undefined): Curve | null =>
  facts.curves.databaseMs.find((curve) => curve.release === release) ?? null

/** Median database time per request of the former release before the deployment, in milliseconds. */
export function normalDatabaseMs(facts: ActFacts): number | null {
  return median(databaseTime(facts, facts.deploy?.data.previous), before(facts, facts.zero, NORMAL_MINUTES))
}

/** The rules that the incident of 2024 asked for afterwards, and the cost of a release, which sees it first. */
export const GUARDS: readonly Guard[] = [
  {
    id: 'database-time-per-request',
    rule: `database time per request of the new release above ${DATABASE_TIME_FACTOR} times the former release's`,
    leading: true,
    metric: 'database_ms_per_request',
    over: 'as the mean of the last 5 s weighted by requests, ',
    sustainedMinutes: 1,
    limit: (facts) => {
      const normal = normalDatabaseMs(facts)
      return normal === null ? null : Math.max(normal, SMALLEST_DATABASE_MS) * DATABASE_TIME_FACTOR
    },
    curve: (facts) => {
      const requests = ofMetric(facts.curves.all, 'request_rate', facts.service)
      const own = requests.find((curve) => curve.release === facts.release) ?? null
      return trailingMean(databaseTime(facts, facts.release), own, DATABASE_TIME_OVER)
    },
  },
  {
    id: 'slow-queries',
    rule: 'more than 10 statements a minute that pass 2 s',
    leading: true,
    metric: 'slow_queries_per_minute',
    over: '',
    sustainedMinutes: 1,
    limit: () => 10,
    curve: (facts) => combined(ofMetric(facts.curves.all, 'slow_queries_per_minute'), 'sum'),
  },
  {
    id: 'pool-utilisation-warning',
    rule: 'pool utilisation above 80 %',
    leading: true,
    metric: 'pool_utilisation_percent',
    over: '',
    sustainedMinutes: 1,
    limit: () => 80,
    curve: (facts) => facts.curves.poolUtilisation,
  },
  {
    id: 'pool-utilisation-critical',
    rule: 'pool utilisation above 90 %',
    leading: true,
    metric: 'pool_utilisation_percent',
    over: '',
    sustainedMinutes: 1,
    limit: () => 90,
    curve: (facts) => facts.curves.poolUtilisation,
  },
  {
    id: 'error-rate-rollback',
    rule: 'error rate above 5 % for more than 5 min of incident time',
    leading: false,
    metric: 'client_error_rate_percent',
    over: '',
    sustainedMinutes: 5,
    limit: () => ERROR_RATE_LIMIT,
    curve: (facts) => facts.curves.errorRate,
  },
]

/** Runs every guard over the act, from the deployment on. */
export function replayGuards(facts: ActFacts): readonly Replay[] {
  return GUARDS.map((guard) => {
    const limit = guard.limit(facts)
    const curve = guard.curve(facts)
    const sustained = ms(guard.sustainedMinutes * facts.clock.pace)
    const at = limit === null ? null : firstSustainedAbove(curve, { limit, sustained, from: epochMs(facts.zero) })
    return { guard, limit, at, measured: limit !== null && curve !== null }
  })
}
