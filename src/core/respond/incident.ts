/** Opens, follows and closes the incident of a service. SPEC.md holds the states, the table and the invariants I1–I10. */
import { type EpochMs, toIso } from '../../base/time.ts'
import { type Decider, type Decision, stay } from '../decider.ts'
import {
  type Facts,
  type FactType,
  fact,
  type IncidentSeverity,
  type LedgerEvent,
  type Severity,
  type Source,
} from '../events.ts'
import { figure } from '../wording.ts'
import { type Handled, isHandled } from './handled.ts'
import type { IncidentPolicy } from './policy.ts'
import { type Rollback, remembered, trailing } from './rollback.ts'

/** Far more than there are rules; bounds the state when rules are made up by a bug. */
const MAX_FIRING_ALERTS = 1_000

interface Watching {
  /** `rule severity` of the alerts that are firing, oldest first. */
  readonly firing: readonly string[]
  /** The last rollback; null when there was none, or another release has been requested since. */
  readonly rolledBack: Rollback | null
}

interface Incident extends Watching {
  readonly incident: string
  /** Null when a person opened it and nobody has said. */
  readonly severity: IncidentSeverity | null
  readonly severityBy: 'policy' | 'person'
}

/** A state of SPEC.md, with what must be remembered in it. JSON. */
export type IncidentState =
  | (Watching & { readonly phase: 'none' })
  | (Incident & { readonly phase: 'open' | 'mitigated' | 'resolved' })

type Phase = IncidentState['phase']
type StateIn<P extends Phase> = P extends 'none' ? Watching & { readonly phase: P } : Incident & { readonly phase: P }
type EventOf<T extends FactType> = Extract<LedgerEvent, { type: T }>
type Next = Decision<IncidentState>
type Transition<P extends Phase, T extends FactType> = (
  state: StateIn<P>,
  event: EventOf<T>,
  policy: IncidentPolicy,
) => Next
/** A hole in it does not compile. */
type Table = { readonly [P in Phase]: { readonly [T in Handled]: Transition<P, T> } }

const SOURCE: Source = { kind: 'premortem', name: 'incident' }
const RANK: Readonly<Record<IncidentSeverity, number>> = { 'SEV-1': 1, 'SEV-2': 2, 'SEV-3': 3 }

/** The decider named `incident`. */
export function incidentDecider(policy: IncidentPolicy): Decider<IncidentState> {
  return {
    name: SOURCE.name,
    initial: { phase: 'none', firing: [], rolledBack: null },
    decide: (state, event) => {
      // I9: its own facts are in the state already.
      if (event.source.kind === SOURCE.kind && event.source.name === SOURCE.name) return stay(state)
      if (!isHandled(event)) return stay(state)
      // The compiler cannot see that one state and one event pick the transition of just these two.
      const transition = TABLE[state.phase][event.type] as (s: IncidentState, e: LedgerEvent, p: IncidentPolicy) => Next
      return transition(state, event, policy)
    },
  }
}

const ignore = (state: IncidentState): Next => stay(state)

const TABLE: Table = {
  none: {
    'alert.fired': openOrRemember,
    'alert.resolved': forget,
    'release.requested': beginAnew,
    'release.rolled-back': rememberRollback,
    'incident.opened': takeOver,
    'incident.severity-set': ignore,
    'incident.mitigated': ignore,
    'incident.resolved': ignore,
  },
  open: {
    'alert.fired': rememberAndRaise,
    'alert.resolved': forget,
    'release.requested': beginAnew,
    'release.rolled-back': (state, event) =>
      mitigate(
        rememberRollback(state, event).state,
        event.at,
        `release ${event.data.release} was rolled back to ${event.data.to}`,
      ),
    'incident.opened': ignore,
    'incident.severity-set': followSeverity,
    'incident.mitigated': (state, event) =>
      isAbout(state, event) ? closeWhenQuiet({ ...state, phase: 'mitigated' }, event.at, []) : stay(state),
    'incident.resolved': followResolution,
  },
  mitigated: {
    'alert.fired': rememberAndRaise,
    'alert.resolved': (state, event) => closeWhenQuiet(forget(state, event).state, event.at, []),
    'release.requested': beginAnew,
    'release.rolled-back': rememberRollback,
    'incident.opened': ignore,
    'incident.severity-set': followSeverity,
    'incident.mitigated': ignore,
    'incident.resolved': followResolution,
  },
  resolved: {
    'alert.fired': openOrRemember,
    'alert.resolved': forget,
    'release.requested': beginAnew,
    'release.rolled-back': rememberRollback,
    'incident.opened': takeOver,
    'incident.severity-set': ignore,
    'incident.mitigated': ignore,
    'incident.resolved': ignore,
  },
}

function openOrRemember(
  state: StateIn<'none'> | StateIn<'resolved'>,
  event: EventOf<'alert.fired'>,
  policy: IncidentPolicy,
): Next {
  const watching = remember(state, event)
  const { rule, severity, message } = event.data
  if (severity !== 'critical' && !policy.openingRules.includes(rule)) return stay<IncidentState>(watching)
  const { firing, rolledBack } = watching
  const incident = `${event.environment}/${toIso(event.at).slice(0, 10)}-${event.service}-${event.sequence}`
  const level = policy.severities[severity]
  const title = `${event.service}: ${message}`
  const opened: StateIn<'open'> = {
    phase: 'open',
    firing,
    rolledBack,
    incident,
    severity: level,
    severityBy: 'policy',
  }
  const facts = [
    fact({ at: event.at, source: SOURCE }, 'incident.opened', { incident, title, because: event.id }),
    fact({ at: event.at, source: SOURCE }, 'incident.severity-set', { incident, severity: level }),
  ]
  const why = [`${alertText(event.data)} opens an incident as ${level}`]
  // I10: what has helped before it opened must mitigate it now, since nothing else ever will.
  const helped = trailing(rolledBack, event, policy.trailing)
  if (helped === null) return { state: opened, commands: [], facts, why }
  const mitigated = mitigate(opened, event.at, helped)
  return { ...mitigated, facts: [...facts, ...mitigated.facts], why: [...why, ...mitigated.why] }
}

function takeOver(state: IncidentState, event: EventOf<'incident.opened'>): Next {
  const { incident } = event.data
  const { firing, rolledBack } = state
  return stay({ phase: 'open', firing, rolledBack, incident, severity: null, severityBy: 'policy' })
}

/** I6: only upwards, and not against a person's word. */
function rememberAndRaise(
  state: StateIn<'open'> | StateIn<'mitigated'>,
  event: EventOf<'alert.fired'>,
  policy: IncidentPolicy,
): Next {
  const next = remember(state, event)
  const severity = policy.severities[event.data.severity]
  const higher = state.severity === null || RANK[severity] < RANK[state.severity]
  if (!higher || state.severityBy === 'person') return stay(next)
  return {
    state: { ...next, severity },
    commands: [],
    facts: [fact({ at: event.at, source: SOURCE }, 'incident.severity-set', { incident: state.incident, severity })],
    why: [`${alertText(event.data)} makes it ${severity}${state.severity === null ? '' : `, after ${state.severity}`}`],
  }
}

function mitigate(state: StateIn<'open'>, at: EpochMs, why: string): Next {
  const mitigated = fact({ at, source: SOURCE }, 'incident.mitigated', { incident: state.incident, why })
  const closed = closeWhenQuiet({ ...state, phase: 'mitigated' }, at, [mitigated])
  return { ...closed, why: [`${why}: the incident is mitigated`, ...closed.why] }
}

/** I5: the one place that resolves. */
function closeWhenQuiet(state: StateIn<'mitigated'>, at: EpochMs, before: Next['facts']): Next {
  if (state.firing.length > 0) return { ...stay<IncidentState>(state), facts: before }
  const why = 'mitigated, and no alert is firing any more'
  return {
    state: { ...state, phase: 'resolved' },
    commands: [],
    facts: [...before, fact({ at, source: SOURCE }, 'incident.resolved', { incident: state.incident, why })],
    why: [`${why}: the incident is resolved`],
  }
}

function followSeverity(state: StateIn<'open'> | StateIn<'mitigated'>, event: EventOf<'incident.severity-set'>): Next {
  if (!isAbout(state, event)) return stay<IncidentState>(state)
  return stay<IncidentState>({ ...state, severity: event.data.severity, severityBy: 'person' })
}

function followResolution(state: StateIn<'open'> | StateIn<'mitigated'>, event: EventOf<'incident.resolved'>): Next {
  return stay<IncidentState>(isAbout(state, event) ? { ...state, phase: 'resolved' } : state)
}

function rememberRollback<S extends IncidentState>(state: S, event: EventOf<'release.rolled-back'>): Decision<S> {
  return stay({ ...state, rolledBack: remembered(event) })
}

/** A release that is requested, the same one once more too, may be what the next alert is about. */
function beginAnew<S extends IncidentState>(state: S): Decision<S> {
  return stay(state.rolledBack === null ? state : { ...state, rolledBack: null })
}

const isAbout = (state: Incident, event: { readonly data: { readonly incident: string } }): boolean =>
  event.data.incident === state.incident

const alertKey = (alert: { readonly rule: string; readonly severity: Severity }) => `${alert.rule} ${alert.severity}`

function remember<S extends IncidentState>(state: S, event: EventOf<'alert.fired'>): S {
  const key = alertKey(event.data)
  if (state.firing.includes(key)) return state
  return { ...state, firing: [...state.firing, key].slice(-MAX_FIRING_ALERTS) }
}

function forget<S extends IncidentState>(state: S, event: EventOf<'alert.resolved'>): Decision<S> {
  const firing = state.firing.filter((key) => key !== alertKey(event.data))
  return stay(firing.length === state.firing.length ? state : { ...state, firing })
}

const alertText = (alert: Facts['alert.fired']): string =>
  `${alert.severity} alert ${alert.rule} at ${figure(alert.value)} ${alert.unit} (threshold ${figure(alert.threshold)} ${alert.unit})`
