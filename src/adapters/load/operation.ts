import type { DurationMs, EpochMs } from '../../base/time.ts'

/** What one request came to, as its operation tells the generator. */
export interface OperationAnswer {
  /** HTTP status; null when there was no answer. */
  readonly status: number | null
  readonly result: 'ok' | 'delayed' | 'failed'
  /** `payment-service@2.3.1`; null when unknown. */
  readonly servedBy: string | null
  /** One word or short phrase when it failed. */
  readonly error: string | null
  /** What was really done, when that is not the operation that was scheduled. */
  readonly operation?: string
}

/** What an operation is given for one request. */
export interface OperationContext {
  /** Number of the arrival; counts from 0. */
  readonly arrival: number
  /** When the request should have been sent. */
  readonly intendedAt: EpochMs
  /** Time that the request has, from when it was sent. */
  readonly timeout: DurationMs
  /** Aborted when that time is over. The operation must end then and destroy its socket: it no longer counts. */
  readonly signal: AbortSignal
}

/** Sends one request and says what came of it. A throw is counted as a failure, with its message. */
export type Operation = (context: OperationContext) => Promise<OperationAnswer>
