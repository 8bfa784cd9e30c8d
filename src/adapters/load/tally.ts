/** Counts and latencies of a load while it runs: a fixed amount of memory for each operation. */

import type { RequestOutcome } from '../../core/rehearse/load.ts'
import type { LatencySummary } from '../../core/rehearse/result.ts'
import { type LatencyHistogram, latencyHistogram } from './histogram.ts'

/** Requests by what became of them. */
export interface LoadCounts {
  /** Arrivals that the schedule asked for and that have ended. */
  readonly requests: number
  readonly ok: number
  readonly delayed: number
  /** Sent, and failed. */
  readonly failed: number
  /** Never sent, because too many were under way. */
  readonly dropped: number
}

/** One operation's counts and latencies, or those of all together. */
export interface OperationSummary extends LoadCounts {
  /** From the intended send time to the end, of all requests that were sent, failed ones included. Milliseconds. */
  readonly latencyMs: LatencySummary
  /** The same as an encoded HdrHistogram, to be merged with other generators'. */
  readonly histogram: string
}

class Tally {
  ok = 0
  delayed = 0
  failed = 0
  dropped = 0
  readonly latency: LatencyHistogram = latencyHistogram()

  record(outcome: RequestOutcome): void {
    this[outcome.result]++
    if (outcome.result !== 'dropped') this.latency.record(outcome.latency)
  }

  counts(): LoadCounts {
    const { ok, delayed, failed, dropped } = this
    return { requests: ok + delayed + failed + dropped, ok, delayed, failed, dropped }
  }

  latencyMs(): LatencySummary {
    const { p50, p95, p99, max } = this.latency.percentiles()
    return { p50, p95, p99, max }
  }

  summary(): OperationSummary {
    return { ...this.counts(), latencyMs: this.latencyMs(), histogram: this.latency.encode() }
  }
}

/** Operations that are told apart; those beyond are counted in the total only. */
const MAX_OPERATIONS = 100

/** Empty tallies, one for each operation and one for all. */
export function tallies() {
  const overall = new Tally()
  const byOperation = new Map<string, Tally>()

  function of(operation: string): Tally | undefined {
    const known = byOperation.get(operation)
    if (known || byOperation.size >= MAX_OPERATIONS) return known
    const added = new Tally()
    byOperation.set(operation, added)
    return added
  }

  return {
    record(outcome: RequestOutcome): void {
      overall.record(outcome)
      of(outcome.operation)?.record(outcome)
    },
    counts: () => overall.counts(),
    latencyMs: () => overall.latencyMs(),
    overall: () => overall.summary(),
    operations: (): Record<string, OperationSummary> =>
      Object.fromEntries([...byOperation].map(([name, tally]) => [name, tally.summary()])),
  }
}
