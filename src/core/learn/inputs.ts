/** What a document needs to be told besides events and curves. A drill's own result and clock fit these shapes. */
import type { DurationMs, EpochMs } from '../../base/time.ts'

/**
 * The clock of an incident: one of its minutes lasted `pace` real milliseconds (60,000 in production).
 * `scenarioStart` is its own time (ISO 8601, UTC) at the real instant `startedAt`.
 */
export interface IncidentClock {
  readonly startedAt: EpochMs
  readonly scenarioStart: string
  readonly pace: DurationMs
}

/** Availability against its objective, with the counts that it was computed from. */
export interface MeasuredBudget {
  readonly objectivePercent: number
  readonly windowDays: number
  readonly indicator: string
  readonly good: number
  readonly total: number
  readonly availabilityPercent: number
  readonly usedPercent: number
}

/** What was counted over an act. Seconds are real and count from the first bad request; null: it did not happen. */
export interface ActMeasured {
  readonly act: 'unguarded' | 'guarded'
  readonly finishedAt: EpochMs
  readonly firstBadRequestAt: EpochMs | null
  readonly failedPayments: number
  readonly delayedPayments: number
  readonly recoveredPayments: number
  readonly lostPayments: number
  readonly doublePayments: number
  readonly secondsToAlert: number | null
  readonly secondsToCause: number | null
  readonly secondsToRollbackDecision: number | null
  readonly secondsToRecovery: number | null
  readonly secondsFromDecisionToHealthyLatency: number | null
  readonly peakErrorRatePercent: number
  readonly peakPoolConnections: number
  readonly longestQuerySeconds: number
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number }
  readonly errorBudget: MeasuredBudget
}

/** What a drill says about itself. */
export interface DrillFacts {
  readonly scenario: string
  readonly drill: string
  readonly rows: number
  readonly seed: number
  readonly paceMs: number
  /** ISO 8601, UTC. */
  readonly startedAt: string
}
