/** Windows over the requests of a client, by the time at which they should have been sent. */
import { type DurationMs, type EpochMs, epochMs, ms } from '../../base/time.ts'
import { type Percent, share } from '../../base/units.ts'
import type { RequestOutcome } from './load.ts'
import type { LatencySummary } from './result.ts'

/** The requests that should have been sent within one span of time. */
export interface ClientWindow {
  readonly from: EpochMs
  readonly requests: number
  readonly bad: number
  readonly errorRate: Percent
  /** Of all requests that were sent, failed ones included; null when there was none. */
  readonly p95: DurationMs | null
}

/** Failed, or dropped by the generator. */
export const hasFailed = (outcome: RequestOutcome): boolean =>
  outcome.result === 'failed' || outcome.result === 'dropped'

/** By nearest rank: the smallest value that `percent` of all values do not exceed. Null for an empty list. */
function percentile(sorted: readonly number[], percent: number): number | null {
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null
}

/** Milliseconds; all 0 when nothing was sent. */
export function latencySummary(outcomes: readonly RequestOutcome[]): LatencySummary {
  const sorted = sentLatencies(outcomes)
  const at = (percent: number) => percentile(sorted, percent) ?? 0
  return { p50: at(50), p95: at(95), p99: at(99), max: at(100) }
}

/** A copy in the order of the intended times. */
export const byIntendedTime = (outcomes: readonly RequestOutcome[]): readonly RequestOutcome[] =>
  outcomes.toSorted((a, b) => a.intendedAt - b.intendedAt)

/** Which windows over which requests. */
export interface WindowsOptions {
  /** Sorted by intended time. */
  readonly outcomes: readonly RequestOutcome[]
  /** Where the first window begins. */
  readonly from: EpochMs
  /** No window ends after it. */
  readonly to: EpochMs
  readonly length: DurationMs
  readonly step: DurationMs
}

/** All windows [from + n × step, … + length) that end by `to`, empty ones included. */
export function windows(options: WindowsOptions): readonly ClientWindow[] {
  const { outcomes, from, to, length, step } = options
  const list: ClientWindow[] = []
  let first = 0
  for (let start: number = from; start + length <= to; start += step) {
    while (first < outcomes.length && (outcomes[first]?.intendedAt ?? 0) < start) first++
    let end = first
    while (end < outcomes.length && (outcomes[end]?.intendedAt ?? 0) < start + length) end++
    list.push(windowOf(epochMs(start), outcomes.slice(first, end)))
  }
  return list
}

function windowOf(from: EpochMs, outcomes: readonly RequestOutcome[]): ClientWindow {
  const bad = outcomes.filter(hasFailed).length
  const p95 = percentile(sentLatencies(outcomes), 95)
  return {
    from,
    requests: outcomes.length,
    bad,
    errorRate: share({ part: bad, whole: outcomes.length }),
    p95: p95 === null ? null : ms(p95),
  }
}

const sentLatencies = (outcomes: readonly RequestOutcome[]): readonly number[] =>
  outcomes
    .filter(({ result }) => result !== 'dropped')
    .map(({ latency }) => latency)
    .sort((a, b) => a - b)
