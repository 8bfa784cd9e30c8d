/**
 * Sums over windows of observations, for the stages that judge them.
 *
 * A gap is an observation without a sample of what is asked for: it adds nothing, is not counted in `ticks`, and is
 * never read as zero. A window without any sample gives null.
 */
import { type DurationMs, type EpochMs, ms } from '../base/time.ts'
import type { ReleaseId, ServiceName } from '../base/units.ts'
import { mergeLatency } from './latency.ts'
import type { DatabaseSample, Observation, ServiceSample } from './watch/samples.ts'

/** Looks in a row without a sample until what was known counts as old: one failed scrape alone changes nothing. */
export const MISSED_LOOKS = 3

/** Which samples: those of one release, or of all releases of the service when it is left out. */
export interface Of {
  readonly service: ServiceName
  readonly release?: ReleaseId
}

/** Sums over a window; counts are summed, gauges are summed per tick. */
export interface Totals {
  /** Where the oldest interval begins, and where the newest ends. */
  readonly from: EpochMs
  readonly to: EpochMs
  /** Observations that had a sample. */
  readonly ticks: number
  readonly requests: number
  readonly errors: number
  readonly latency: readonly number[]
  /** As the service measured it, in milliseconds. */
  readonly databaseMs: number
  /** Time that the statements running at the end have taken so far within the window: not yet in `databaseMs`. */
  readonly hangingMs: number
  /** Active sessions as sampled: how many were seen, and their number × interval in milliseconds. */
  readonly sessions: { readonly seen: number; readonly ms: number }
  /** Under way at the end: active sessions and requests that wait for a connection. */
  readonly inFlight: number
  /** Gauges, summed over the ticks. */
  readonly pool: { readonly used: number; readonly max: number; readonly pending: number }
}

const matches = (of: Of, sample: { service: ServiceName | null; release: ReleaseId | null }): boolean =>
  sample.service === of.service && (of.release === undefined || sample.release === of.release)

/** The samples of one observation that are asked for. */
export const samplesOf = (observation: Observation, of: Of): readonly ServiceSample[] =>
  observation.services.filter((sample) => matches(of, sample))

/** Sessions that run a statement at this moment. */
export const activeSessions = (database: DatabaseSample | null, of: Of): number =>
  (database?.activity ?? [])
    .filter((group) => group.state === 'active' && matches(of, group))
    .reduce((sum, group) => sum + group.count, 0)

const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0)

const runningOf = (database: DatabaseSample | null, of: Of) =>
  (database?.running ?? []).filter((statement) => matches(of, statement))

const longestInterval = (samples: readonly ServiceSample[]): number =>
  Math.max(...samples.map((sample) => sample.interval))

const inFlight = (observation: Observation, of: Of): number =>
  sum(samplesOf(observation, of), (sample) => sample.pool.pending) + activeSessions(observation.database, of)

/** Adds up the observations; null when none of them has a sample. Oldest first, as the monitors get them. */
export function totals(observations: readonly Observation[], of: Of): Totals | null {
  const seen = observations.filter((observation) => samplesOf(observation, of).length > 0)
  const first = seen[0]
  const last = seen[seen.length - 1]
  if (first === undefined || last === undefined) return null
  const samples = seen.flatMap((observation) => samplesOf(observation, of))
  const from = (first.at - longestInterval(samplesOf(first, of))) as EpochMs
  return {
    from,
    to: last.at,
    ticks: seen.length,
    requests: sum(samples, (sample) => sample.requests),
    errors: sum(samples, (sample) => sample.errors),
    latency: mergeLatency(samples.map((sample) => sample.latency)),
    databaseMs: sum(samples, (sample) => sample.databaseMs),
    hangingMs: sum(runningOf(last.database, of), (one) => Math.min(one.age, last.at - from)),
    sessions: {
      seen: sum(seen, ({ database }) => activeSessions(database, of)),
      ms: sum(seen, ({ database }) => activeSessions(database, of) * (database?.interval ?? 0)),
    },
    inFlight: inFlight(last, of),
    pool: {
      used: sum(samples, (sample) => sample.pool.used),
      max: sum(samples, (sample) => sample.pool.max),
      pending: sum(samples, (sample) => sample.pool.pending),
    },
  }
}

/** How long the window is. */
export const spanOf = (of: Pick<Totals, 'from' | 'to'>): DurationMs => ms(of.to - of.from)
/** In percent; null without a request. */
export const errorRatePercent = (of: Pick<Totals, 'errors' | 'requests'>): number | null =>
  of.requests === 0 ? null : (of.errors / of.requests) * 100
/** In percent, the mean over the window; null without a pool. */
export const poolUtilisationPercent = (of: Pick<Totals, 'pool'>): number | null =>
  of.pool.max === 0 ? null : (of.pool.used / of.pool.max) * 100

/**
 * Milliseconds of database time per request: the largest of three views, since each misses something.
 * - What the service measured, over the requests that ended: misses statements that hang.
 * - The same and what the running statements have taken so far, over the requests that ended or are under way.
 * - Sampled active sessions × interval, less two standard errors (the count is Poisson: a fast statement that happens to
 *   be seen once says little): the only view of a service that measures nothing itself.
 * Null without a request.
 */
export function databaseMsPerRequest(of: Totals): number | null {
  const begun = of.requests + of.inFlight
  if (begun === 0) return null
  const { seen, ms: sampled } = of.sessions
  const certain = seen === 0 ? 0 : sampled * Math.max(0, 1 - 2 / Math.sqrt(seen))
  const ended = of.requests === 0 ? 0 : of.databaseMs / of.requests
  return Math.max(ended, (of.databaseMs + of.hangingMs) / begun, certain / begun)
}

/** How much evidence a window must hold. */
export interface Enough {
  /** Requests ended or under way. */
  readonly requests: number
  readonly ticks: number
  readonly span: DurationMs
  /** How far back at the most. */
  readonly within: DurationMs
}

/**
 * The shortest run of newest observations that holds enough evidence: so a busy service is judged on seconds and a
 * quiet one on minutes. Null when even `within` does not hold enough.
 */
export function newestWithEnough(observations: readonly Observation[], of: Of, enough: Enough): Totals | null {
  const end = observations[observations.length - 1]?.at ?? 0
  let newest: { readonly at: EpochMs; readonly inFlight: number } | null = null
  let requests = 0
  let ticks = 0
  for (let index = observations.length - 1; index >= 0; index--) {
    const observation = observations[index]
    if (observation === undefined || end - observation.at > enough.within) break
    const samples = samplesOf(observation, of)
    if (samples.length === 0) continue
    newest ??= { at: observation.at, inFlight: inFlight(observation, of) }
    ticks += 1
    requests += sum(samples, (sample) => sample.requests)
    const span = newest.at - observation.at + longestInterval(samples)
    if (ticks >= enough.ticks && requests + newest.inFlight >= enough.requests && span >= enough.span) {
      return totals(observations.slice(index), of)
    }
  }
  return null
}

/** True when none of the newest observations has a sample: what is known is old. */
export const isStale = (observations: readonly Observation[], of: Of, missed = MISSED_LOOKS): boolean =>
  observations.slice(-missed).every((observation) => samplesOf(observation, of).length === 0)

/** Releases of the service that have a sample in the window, in the order in which they appear. */
export const releasesIn = (observations: readonly Observation[], service: ServiceName): readonly ReleaseId[] => [
  ...new Set(observations.flatMap((one) => samplesOf(one, { service }).map((sample) => sample.release))),
]
