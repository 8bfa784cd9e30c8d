import { type DurationMs, minutes, ms, seconds } from '../../base/time.ts'
import type { IncidentSeverity, Severity } from '../events.ts'

/** Which alerts open an incident, how severe it is then, and which come too late to need a mitigation. */
export interface IncidentPolicy {
  /** Rules whose alerts open an incident at any severity; critical alerts always do. */
  readonly openingRules: readonly string[]
  readonly severities: Readonly<Record<Severity, IncidentSeverity>>
  /** An alert that fires so long after a rollback, at the most, may still be about the time before it. */
  readonly trailing: DurationMs
}

/**
 * `trailing`: an alert rule looks back up to 10 minutes for enough data and wants its figure above the limit for 1 minute; the
 * twelfth is for what runs on, such as statements that were begun before the rollback.
 */
export const DEFAULT_INCIDENT_POLICY: IncidentPolicy = {
  openingRules: ['error-rate'],
  severities: { critical: 'SEV-2', warning: 'SEV-3' },
  trailing: minutes(12),
}

/** On a faster clock rules still look back at least 15 s, and a statement still takes as long as it takes. */
const LEAST_TRAILING: DurationMs = seconds(20)

/** The same policy on a faster clock: one minute of it lasts `pace` milliseconds, `trailing` at least 20 s. */
export function scaleIncidentPolicy(policy: IncidentPolicy, pace: DurationMs): IncidentPolicy {
  const scaled = (policy.trailing * pace) / 60_000
  return { ...policy, trailing: ms(Math.min(policy.trailing, Math.max(scaled, LEAST_TRAILING))) }
}
