/** What the postmortem of 2024 says of its incident, as data, with the place of each figure. */
import type { IncidentRecord } from './result.ts'

/**
 * The record of 2024-03-15. Minutes count from the first user impact at 14:30: the document counts from its alert at
 * 14:32, and says that the alert came within two minutes of user impact. The deployment at 14:15 is not the zero.
 */
export const RECORD_2024: IncidentRecord = {
  title: 'Payment Service database connection pool exhaustion, 2024-03-15',
  minutesToAlert: 2,
  minutesToCause: 17,
  minutesToRollbackDecision: 65,
  minutesToRecovery: 75,
  failedPayments: 1847,
  delayedPayments: 3422,
  peakErrorRatePercent: 12.1,
  peakPoolConnections: 150,
  longestQuerySeconds: 8,
  errorBudgetUsedPercent: 15,
}

/** Where each figure stands. Figures marked `stated` do not follow from the document's other numbers. */
export const RECORD_2024_SOURCES: { readonly [Figure in keyof IncidentRecord]: string } = {
  title: 'title and date of the document',
  minutesToAlert: 'alert at 14:32; user impact two minutes earlier',
  minutesToCause: 'root cause found at 14:47',
  minutesToRollbackDecision: 'decision at 15:35',
  minutesToRecovery: 'error rate back to normal at 15:45; the incident was closed at 16:47',
  failedPayments: 'section on user impact',
  delayedPayments: 'section on user impact; the retry queue of 16:45',
  peakErrorRatePercent: 'half-hour mean of 15:30 to 16:00, so the true peak was higher',
  peakPoolConnections: 'after the resize at 15:05',
  longestQuerySeconds: 'slow query log at 14:39, upper end of the range',
  errorBudgetUsedPercent: 'stated; nothing in the document yields it',
}
