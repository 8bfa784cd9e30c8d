/** Opens, follows and closes the incident of a service. SPEC.md holds the states, the table and the invariants I1–I9. */
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

/** Which alerts open an incident, and how severe it is then. */
export interface IncidentPolicy {
  /** Rules whose alerts open an incident at any severity; critical alerts always do. */
  readonly openingRules: readonly string[]
  readonly severities: Readonly<Record<Severity, IncidentSeverity>>
}

const DEFAULT_INCIDENT_POLICY: IncidentPolicy = {
  openingRules: ['error-rate'],
  severities: { critical: 'SEV-2', warning: 'SEV-3' },
}

/** Far more than there are rules; bounds the state when rules are made up by a bug. */
const MAX_FIRING_ALERTS = 1_000

interface Watching {
  /** `rule severity` of the alerts that are firing, oldest first. */
  readonly firing: readonly string[]
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
export function incidentDecider(policy: IncidentPolicy = DEFAULT_INCIDENT_POLICY): Decider<IncidentState> {
  return {
    name: SOURCE.name,
    initial: { phase: 'none', firing: [] },
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
    'release.rolled-back': ignore,
    'incident.opened': takeOver,
    'incident.severity-set': ignore,
    'incident.mitigated': ignore,
    'incident.resolved': ignore,
  },
  open: {
    'alert.fired': rememberAndRaise,
    'alert.resolved': forget,
    'release.rolled-back': (state, event) =>
      mitigate(state, event.at, `release ${event.data.release} was rolled back to ${event.data.to}`),
    'incident.opened': ignore,
    'incident.severity-set': followSeverity,
    'incident.mitigated': (state, event) =>
      isAbout(state, event) ? closeWhenQuiet({ ...state, phase: 'mitigated' }, event.at, []) : stay(state),
    'incident.resolved': followResolution,
  },
  mitigated: {
    'alert.fired': rememberAndRaise,
    'alert.resolved': (state, event) => closeWhenQuiet(forget(state, event).state, event.at, []),
    'release.rolled-back': ignore,
    'incident.opened': ignore,
    'incident.severity-set': followSeverity,
    'incident.mitigated': ignore,
    'incident.resolved': followResolution,
  },
  resolved: {
    'alert.fired': openOrRemember,
    'alert.resolved': forget,
    'release.rolled-back': ignore,
    'incident.opened': takeOver,
    'incident.severity-set': ignore,
    'incident.mitigated': ignore,
    'incident.resolved': ignore,
  },
}

function openOrRemember(state: IncidentState, event: EventOf<'alert.fired'>, policy: IncidentPolicy): Next {
  const watching = remember(state, event)
  const { rule, severity, message } = event.data
  if (severity !== 'critical' && !policy.openingRules.includes(rule)) return stay(watching)
  const incident = `${event.environment}/${toIso(event.at).slice(0, 10)}-${event.service}-${event.sequence}`
  const level = policy.severities[severity]
  const title = `${event.service}: ${message}`
  return {
    state: { phase: 'open', firing: watching.firing, incident, severity: level, severityBy: 'policy' },
    commands: [],
    facts: [
      fact({ at: event.at, source: SOURCE }, 'incident.opened', { incident, title, because: event.id }),
      fact({ at: event.at, source: SOURCE }, 'incident.severity-set', { incident, severity: level }),
    ],
    why: [`${alertText(event.data)} opens an incident as ${level}`],
  }
}

function takeOver(state: IncidentState, event: EventOf<'incident.opened'>): Next {
  const { incident } = event.data
  return stay({ phase: 'open', firing: state.firing, incident, severity: null, severityBy: 'policy' })
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
