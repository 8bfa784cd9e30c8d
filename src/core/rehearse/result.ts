/** What a drill comes to. The names are stable: `premortem drill --json` prints exactly this. */
import type { EpochMs } from '../../base/time.ts'
import type { Act } from './scenario.ts'

/** The cause as the diagnosis named it; null for what it could not tell. */
export interface DrillCause {
  readonly release: string | null
  readonly index: string | null
  readonly migrationFile: string | null
  readonly migrationLine: number | null
  readonly statement: string | null
}

/** Milliseconds, from the intended send time. */
export interface LatencySummary {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** The availability of payments over the act, against the objective. */
export interface ErrorBudget {
  readonly objectivePercent: number
  /** The window that the budget belongs to. */
  readonly windowDays: number
  readonly indicator: string
  readonly good: number
  readonly total: number
  readonly availabilityPercent: number
  /** Bad minutes' worth of the window's allowance, in percent: (bad/total × minutes of the act on the incident's clock) ÷ (allowed minutes in the window). */
  readonly usedPercent: number
}

/**
 * Seconds count from the first bad request: the first after the deployment that failed, or that the bad release answered
 * more slowly than the objective. What came before it is negative, what never came is null.
 */
export interface ActResult {
  readonly act: Act
  readonly environment: string
  readonly startedAt: EpochMs
  readonly finishedAt: EpochMs
  readonly firstBadRequestAt: EpochMs | null
  readonly requests: number
  readonly failedPayments: number
  readonly delayedPayments: number
  /** Payments whose client got no answer, found accepted afterwards and told so. */
  readonly recoveredPayments: number
  readonly lostPayments: number
  readonly doublePayments: number
  readonly secondsToAlert: number | null
  readonly secondsToCause: number | null
  readonly secondsToRollbackDecision: number | null
  /** Until error rate and p95 stay within the objective. */
  readonly secondsToRecovery: number | null
  /** From the rollback decision until p95 stays under the objective. */
  readonly secondsFromDecisionToHealthyLatency: number | null
  readonly peakErrorRatePercent: number
  readonly peakPoolConnections: number
  readonly longestQuerySeconds: number
  readonly latencyMs: LatencySummary
  readonly errorBudget: ErrorBudget
  readonly cause: DrillCause | null
}

/** What `premortem check` said of the bad release before act 2. */
export interface DrillCheck {
  readonly release: string
  readonly verdict: 'pass' | 'warn' | 'fail'
  /** The conditions that made the verdict. */
  readonly why: readonly string[]
  readonly seconds: number
  /** Of the query that gets worst; null when none does. */
  readonly message: string | null
  /** The statement that is to blame for it, relative to the example's folder. */
  readonly file: string | null
  readonly line: number | null
  readonly rollbackTarget: string | null
  readonly rollback: 'safe' | 'regressed' | 'unsafe' | 'unknown'
}

/** One of the figures that a drill must show. */
export interface NumberCheck {
  readonly name: string
  readonly limit: string
  readonly measured: string
  readonly met: boolean
}

/** Both acts, what was to be shown, and where the files are. */
export interface DrillResult {
  readonly scenario: string
  readonly drill: string
  readonly startedAt: string
  readonly seconds: number
  readonly seed: number
  readonly rows: number
  /** Real milliseconds of one minute of the incident. */
  readonly paceMs: number
  readonly check: DrillCheck
  readonly acts: { readonly unguarded: ActResult; readonly guarded: ActResult }
  readonly numbers: readonly NumberCheck[]
  readonly passed: boolean
  readonly resultPath: string
  readonly reportPath: string
  readonly postmortemPath: string
  /** The guarded act's own postmortem. */
  readonly guardedPostmortemPath: string
  readonly ledgerPath: string
}

/** What the postmortem of 2024 says, for the column beside the acts. Minutes; null where it says nothing. */
export interface IncidentRecord {
  readonly title: string
  readonly minutesToAlert: number | null
  readonly minutesToCause: number | null
  readonly minutesToRollbackDecision: number | null
  readonly minutesToRecovery: number | null
  readonly failedPayments: number | null
  readonly delayedPayments: number | null
  readonly peakErrorRatePercent: number | null
  readonly peakPoolConnections: number | null
  readonly longestQuerySeconds: number | null
  readonly errorBudgetUsedPercent: number | null
}
