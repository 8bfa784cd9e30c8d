/** A ledger with the incident's decider on it, for its tests. */
import { expect } from 'vitest'
import { eventId } from '../../src/base/ids.ts'
import { epochMs, seconds } from '../../src/base/time.ts'
import { type ReleaseId, releaseId, serviceName } from '../../src/base/units.ts'
import {
  type Facts,
  type FactType,
  fact,
  type LedgerEvent,
  type NewEvent,
  type Severity,
  type Source,
} from '../../src/core/events.ts'
import { type IncidentState, incidentDecider } from '../../src/core/respond/incident.ts'

import { DEFAULT_INCIDENT_POLICY, type IncidentPolicy } from '../../src/core/respond/policy.ts'

const START = epochMs(Date.UTC(2024, 2, 15, 14, 32))
const STREAM = { environment: 'production', service: serviceName('payment-service') }
const PREMORTEM: Source = { kind: 'premortem', name: 'alerts' }
export const ALICE: Source = { kind: 'person', name: 'Alice Johnson' }
export const FIRST_ID = 'production/2024-03-15-payment-service-1'
export const BAD = releaseId('2.3.1')
export const GOOD = releaseId('2.3.0')
export const FIX = releaseId('2.3.2')

/** Each event comes this long after the one before. */
export const STEP = seconds(1)

/** What is told to the decider; what it decides comes back to it, as the engine does it. */
export function incidentLedger(policy: IncidentPolicy = DEFAULT_INCIDENT_POLICY) {
  const decider = incidentDecider(policy)
  const events: LedgerEvent[] = []
  const whys: (readonly string[])[] = []
  let state: IncidentState = decider.initial
  const now = () => epochMs(START + events.length * STEP)
  const append = (added: readonly NewEvent[]) => {
    for (const event of added) {
      const sequence = events.length + 1
      events.push({ ...event, ...STREAM, sequence, id: eventId(STREAM.service, sequence) })
    }
  }
  const take = (...added: readonly NewEvent[]): void => {
    let next = events.length
    append(added)
    for (let event = events[next]; event; next += 1, event = events[next]) {
      const before = JSON.stringify(state)
      const decision = decider.decide(deepFreeze(state), deepFreeze(event))
      expect(decision, 'I8').toEqual(decider.decide(JSON.parse(before), event))
      if (decision.facts.length > 0) expect(decision.why.length, 'I7').toBeGreaterThan(0)
      whys.push(decision.why)
      state = decision.state
      append(decision.facts)
    }
  }
  const say = <T extends FactType>(type: T, data: Facts[T], source = PREMORTEM) =>
    take(fact({ at: now(), source }, type, data))
  return {
    take,
    say,
    fired: (rule: string, severity: Severity, release: ReleaseId | null = BAD) =>
      say('alert.fired', firedData({ rule, severity, release })),
    quiet: (rule: string, severity: Severity) => say('alert.resolved', quietData(rule, severity)),
    rolledBack: () => say('release.rolled-back', ROLLED_BACK),
    requested: (release: ReleaseId) => say('release.requested', requestedData(release)),
    /** As if nothing happened for so long: the notes that fill the time count for the decider as nothing. */
    wait: (steps: number) => {
      for (let step = 0; step < steps; step += 1) say('incident.note', { text: 'waiting', links: [] }, ALICE)
    },
    now,
    state: () => state,
    events,
    whys,
    own: () => events.filter((event) => event.source.name === 'incident'),
  }
}

export type IncidentLedger = ReturnType<typeof incidentLedger>

export const ROLLED_BACK = { release: BAD, to: GOOD }

export const firedData = (of: Pick<Facts['alert.fired'], 'rule' | 'severity' | 'release'>): Facts['alert.fired'] => ({
  ...of,
  value: 8.33,
  threshold: 5,
  unit: '%',
  message: '8.3 % of requests fail',
})

export const quietData = (rule: string, severity: Severity): Facts['alert.resolved'] => ({
  rule,
  severity,
  value: 1,
  message: 'quiet',
})

const requestedData = (release: ReleaseId): Facts['release.requested'] => ({
  release,
  previous: GOOD,
  steps: [10, 50, 100],
  automaticRollback: true,
  replicas: 3,
  poolMaxPerReplica: 33,
  overridden: [],
  links: [],
})

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(Object.freeze(value))) deepFreeze(part)
  }
  return value
}

export const story = (own: readonly LedgerEvent[]) => own.map((event) => event.type)
