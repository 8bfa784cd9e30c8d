/** The traffic of a rehearsal: what is sent, when, and what came back. Pure: the schedule is a function of the seed. */
import type { DurationMs, EpochMs } from '../../base/time.ts'

/** One kind of request, by its share of the arrivals. */
export interface OperationShare {
  readonly operation: string
  /** ≥ 0; relative to the sum of all weights. */
  readonly weight: number
}

/** A constant arrival rate with exponential gaps (a Poisson process), or even gaps. */
export interface LoadProfile {
  /** Requests a second, > 0. */
  readonly rate: number
  readonly arrivals: 'poisson' | 'even'
  readonly operations: readonly OperationShare[]
  /** Requests under way at the most; an arrival beyond it is dropped and counts as failed. */
  readonly maxInFlight: number
  /** A request without an answer by then has failed. */
  readonly timeout: DurationMs
}

/** What one request came to. Latency counts from `intendedAt`, so a stalled generator hides nothing. */
export interface RequestOutcome {
  readonly operation: string
  readonly intendedAt: EpochMs
  readonly sentAt: EpochMs | null
  readonly finishedAt: EpochMs
  readonly latency: DurationMs
  /** HTTP status; null when there was no answer. */
  readonly status: number | null
  readonly result: 'ok' | 'delayed' | 'failed' | 'dropped'
  /** `payment-service@2.3.1` from `x-served-by`; null when unknown. */
  readonly servedBy: string | null
  /** One word or short phrase when it failed: `timeout`, `refused`, `http 503`. */
  readonly error: string | null
}
