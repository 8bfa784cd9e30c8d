/** Which rules and guards an act has: those of 2024, or premortem's. */
import { minutes } from '../../base/time.ts'
import { diagnosisMonitor } from '../../core/diagnose/diagnosis.ts'
import type { Monitor } from '../../core/monitor.ts'
import { releaseDecider } from '../../core/release/decide.ts'
import { releaseJudge } from '../../core/release/judge.ts'
import { DEFAULT_POLICY, scalePolicy } from '../../core/release/policy.ts'
import { incidentDecider } from '../../core/respond/incident.ts'
import { DEFAULT_INCIDENT_POLICY, scaleIncidentPolicy } from '../../core/respond/policy.ts'
import { alertMonitor } from '../../core/watch/alerts.ts'
import { inventoryMonitor } from '../../core/watch/inventory.ts'
import { DEFAULT_RULES, scaleRules } from '../../core/watch/rules.ts'
import type { AnyDecider } from '../../engine/decide.ts'
import type { ActOptions } from './acting.ts'

/** Observations kept for the monitors. */
const WINDOW = minutes(2)

/** The deciders and monitors of an act, with durations at the drill's pace. */
export function brainsOf(options: ActOptions): {
  readonly deciders: readonly AnyDecider[]
  readonly monitors: readonly Monitor<unknown>[]
  readonly window: typeof WINDOW
} {
  const { script, pace, act } = options
  const { service } = script
  const policy = scalePolicy(DEFAULT_POLICY, pace)
  const rules = scaleRules(DEFAULT_RULES, pace)
  const incidents = scaleIncidentPolicy(DEFAULT_INCIDENT_POLICY, pace)
  const deciders = [releaseDecider(policy), incidentDecider(incidents)] as AnyDecider[]
  if (act === 'unguarded') {
    // The alert of 2024: the error rate, and nothing on the pool or on slow queries.
    const known = rules.filter((rule) => rule.measure === 'error-rate')
    const recording = [alertMonitor({ service, rules: known }), inventoryMonitor()]
    return { deciders, monitors: recording as Monitor<unknown>[], window: WINDOW }
  }
  const monitors = [
    inventoryMonitor(),
    alertMonitor({ service, rules }),
    releaseJudge({ service, policy }),
    diagnosisMonitor({ service }),
  ]
  return { deciders, monitors: monitors as Monitor<unknown>[], window: WINDOW }
}
