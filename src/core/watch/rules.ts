/** What is worth an alert. Durations are those of the incident's clock; `scaleRules` makes a copy for a faster one. */
import { type DurationMs, minutes, ms, seconds } from '../../base/time.ts'
import type { Severity } from '../events.ts'

/** What a rule looks at; one reader each in readings.ts. */
export type Measure = 'error-rate' | 'pool-utilisation' | 'slow-queries' | 'database-time'

/** A statement that has run for longer is slow. Always real time: a rehearsal's pace does not make queries faster. */
export const SLOW_STATEMENT: DurationMs = seconds(2)

/** One figure, its limit, and how long it must be beyond it. */
export interface AlertRule {
  /** Stable, kebab-case. */
  readonly id: string
  readonly severity: Severity
  readonly measure: Measure
  /** Fires above it. Of `database-time`: the least milliseconds per request; `factor` applies besides. */
  readonly threshold: number
  readonly unit: string
  /** How many times the other release's figure; only for `database-time`. */
  readonly factor?: number
  /** How long the figure must stay above before the alert fires. */
  readonly for: DurationMs
  /** The newest stretch that the figure is computed over; it grows up to `within` while it holds less than `minimum`. */
  readonly window: DurationMs
  readonly within: DurationMs
  /** Requests for rates, ticks for gauges, distinct statements for slow queries: with fewer there is no figure. */
  readonly minimum: number
  /** An alert ends when the figure has stayed at or below `at` for as long as `for`: lower than `threshold`. */
  readonly resolve: { readonly at: number; readonly for: DurationMs }
}

const standard = {
  for: minutes(1),
  window: minutes(1),
  within: minutes(10),
} as const

/**
 * The rules that a team writes down after its first exhausted pool, and one that would have told it earlier.
 *
 * `error-rate`: above 5 %, for 1 minute (the rollback rule of a release waits longer; a person should know at once).
 * `pool-utilisation-warning` and `-critical`: above 80 % and 90 % of a release's connections, for 1 minute.
 * `slow-queries`: more than 10 statements a minute that pass 2 s, counted per minute of real time, once each.
 * `database-time-per-request`: one release costs ≥ 10 times the database time of the other, and ≥ 20 ms a request.
 */
export const DEFAULT_RULES: readonly AlertRule[] = [
  {
    ...standard,
    id: 'error-rate',
    severity: 'critical',
    measure: 'error-rate',
    threshold: 5,
    unit: '%',
    minimum: 20,
    resolve: { at: 4, for: minutes(5) },
  },
  {
    ...standard,
    id: 'pool-utilisation-warning',
    severity: 'warning',
    measure: 'pool-utilisation',
    threshold: 80,
    unit: '%',
    minimum: 2,
    resolve: { at: 70, for: minutes(5) },
  },
  {
    ...standard,
    id: 'pool-utilisation-critical',
    severity: 'critical',
    measure: 'pool-utilisation',
    threshold: 90,
    unit: '%',
    minimum: 2,
    resolve: { at: 80, for: minutes(5) },
  },
  {
    ...standard,
    id: 'slow-queries',
    severity: 'warning',
    measure: 'slow-queries',
    threshold: 10,
    unit: 'queries per minute',
    minimum: 3,
    resolve: { at: 5, for: minutes(5) },
  },
  {
    ...standard,
    id: 'database-time-per-request',
    severity: 'warning',
    measure: 'database-time',
    threshold: 20,
    factor: 10,
    unit: 'ms per request',
    minimum: 20,
    resolve: { at: 15, for: minutes(5) },
  },
]

/** Samples come once a real second at any pace: a window must be able to reach back to enough of them. */
const LEAST_WITHIN: DurationMs = seconds(15)

/**
 * The same rules on a faster clock: one minute of them lasts `pace` milliseconds. Only durations shrink (`within` not
 * below 15 s): thresholds, counts and the two seconds of a slow statement stay.
 */
export function scaleRules(rules: readonly AlertRule[], pace: DurationMs): readonly AlertRule[] {
  const scaled = (duration: DurationMs) => ms((duration * pace) / 60_000)
  return rules.map((rule) => ({
    ...rule,
    for: scaled(rule.for),
    window: scaled(rule.window),
    within: ms(Math.min(rule.within, Math.max(scaled(rule.within), LEAST_WITHIN))),
    resolve: { ...rule.resolve, for: scaled(rule.resolve.for) },
  }))
}
