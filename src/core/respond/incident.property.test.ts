import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ALICE,
  BAD,
  FIX,
  firedData,
  GOOD,
  type IncidentLedger,
  incidentLedger,
  quietData,
  ROLLED_BACK,
  STEP,
  story,
} from '../../../test/core/incident-ledger.ts'
import { eventId } from '../../base/ids.ts'
import { ms } from '../../base/time.ts'
import { fact, type LedgerEvent, type NewEvent } from '../events.ts'
import { DEFAULT_INCIDENT_POLICY } from './policy.ts'

/** Short, so that sequences of a few dozen events pass it. */
const POLICY = { ...DEFAULT_INCIDENT_POLICY, trailing: ms(6 * STEP) }

const rules = fc.constantFrom('error-rate', 'pool-utilisation-critical', 'slow-queries')
const severities = fc.constantFrom('warning' as const, 'critical' as const)
const releases = fc.constantFrom(BAD, GOOD, FIX, null)
/** A person may name an incident by its id or by a wrong one: the fuzz names the current one at `true`. */
const steps = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constant('fired' as const), rules, severities, releases) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('quiet' as const), rules, severities) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('rolled-back' as const)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('requested' as const), fc.constantFrom(BAD, FIX)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('opened' as const)) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('mitigated' as const, 'resolved' as const), fc.boolean()) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('severity' as const), fc.boolean()) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('other' as const)) },
)

type Step = typeof steps extends fc.Arbitrary<infer S> ? S : never

function play(step: Step, on: IncidentLedger) {
  const state = on.state()
  const idOf = (right: boolean) => (right && state.phase !== 'none' ? state.incident : 'some-other')
  switch (step[0]) {
    case 'fired':
      return on.fired(step[1], step[2], step[3])
    case 'quiet':
      return on.quiet(step[1], step[2])
    case 'rolled-back':
      return on.rolledBack()
    case 'requested':
      return on.requested(step[1])
    case 'opened': {
      const incident = `by-hand-${on.events.length}`
      return on.say('incident.opened', { incident, title: 'by hand', because: eventId('x', 1) }, ALICE)
    }
    case 'mitigated':
      return on.say('incident.mitigated', { incident: idOf(step[1]), why: 'said so' }, ALICE)
    case 'resolved':
      return on.say('incident.resolved', { incident: idOf(step[1]), why: 'said so' }, ALICE)
    case 'severity':
      return on.say('incident.severity-set', { incident: idOf(step[1]), severity: 'SEV-1' }, ALICE)
    case 'other':
      return on.say('queue.drained', { processed: 1, remaining: 0, took: ms(1) })
  }
}

/** Watches the facts from outside and throws when one breaks an invariant. */
function check(events: readonly LedgerEvent[]): void {
  const firing = new Set<string>()
  const seen = new Set<string>()
  let current: { id: string; mitigated: boolean; severity: string | null; byPerson: boolean } | null = null
  for (const [index, event] of events.entries()) {
    const own = event.source.name === 'incident'
    if (event.type === 'alert.fired') firing.add(`${event.data.rule} ${event.data.severity}`)
    if (event.type === 'alert.resolved') firing.delete(`${event.data.rule} ${event.data.severity}`)
    if (event.type === 'incident.opened') {
      if (current !== null && !own) continue
      expect(current, 'I1').toBeNull()
      expect(seen.has(event.data.incident), 'I3').toBe(false)
      seen.add(event.data.incident)
      current = { id: event.data.incident, mitigated: false, severity: null, byPerson: false }
      if (own) expect(events[index + 1]?.type, 'I4').toBe('incident.severity-set')
    }
    if (event.type === 'incident.severity-set') {
      if (own) {
        expect(current?.id, 'I2').toBe(event.data.incident)
        expect(current?.byPerson, 'I6').toBe(false)
        if (current?.severity) expect(event.data.severity < current.severity, 'I6').toBe(true)
      }
      if (current?.id === event.data.incident) {
        current = { ...current, severity: event.data.severity, byPerson: !own }
      }
    }
    if (event.type === 'incident.mitigated') {
      if (own) expect(current, 'I2').toMatchObject({ id: event.data.incident, mitigated: false })
      if (current?.id === event.data.incident) current = { ...current, mitigated: true }
    }
    if (event.type === 'incident.resolved') {
      if (own) {
        expect(current, 'I2, I5').toMatchObject({ id: event.data.incident, mitigated: true })
        expect([...firing], 'I5').toEqual([])
      }
      if (current?.id === event.data.incident) current = null
    }
  }
}

/** I10, from outside: what opens an incident, against what was rolled back and requested before it. */
function checkTrailing(events: readonly LedgerEvent[]): { readonly trailing: number; readonly others: number } {
  const seen = { trailing: 0, others: 0 }
  for (const [index, event] of events.entries()) {
    if (event.type !== 'incident.opened' || event.source.name !== 'incident') continue
    const place = events.findIndex((one) => one.id === event.data.because)
    const alert = events[place]
    if (alert?.type !== 'alert.fired') throw new Error('an incident is opened by an alert')
    const before = events.slice(0, place)
    const last = before.findLast(({ type }) => type === 'release.rolled-back' || type === 'release.requested')
    const late = last === undefined || alert.at - last.at > POLICY.trailing
    const expected = last?.type === 'release.rolled-back' && !late && alert.data.release !== FIX
    const third = events[index + 2]
    expect(third?.type === 'incident.mitigated' && third.source.name === 'incident', 'I10').toBe(expected)
    seen[expected ? 'trailing' : 'others'] += 1
  }
  return seen
}

describe('any sequence of events', () => {
  it('keeps the invariants I1 to I10', () => {
    const seen = { trailing: 0, others: 0 }
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (sequence) => {
        const on = incidentLedger(POLICY)
        for (const step of sequence) play(step, on)
        check(on.events)
        const found = checkTrailing(on.events)
        seen.trailing += found.trailing
        seen.others += found.others
      }),
      { numRuns: 500 },
    )
    // Sequences that never meet a case prove nothing about it.
    expect(Math.min(seen.trailing, seen.others)).toBeGreaterThan(20)
  })

  it('keeps I1 to I3 also when the events come all at once, before what is decided on them comes back', () => {
    const alert = fc.tuple(fc.constantFrom('alert.fired' as const, 'alert.resolved' as const), rules, severities)
    const step = fc.option(alert, { nil: null, freq: 4 })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (sequence) => {
        const on = incidentLedger(POLICY)
        const said = { at: on.now(), source: ALICE }
        const toEvent = (one: (typeof sequence)[number]): NewEvent => {
          if (one === null) return fact(said, 'release.rolled-back', ROLLED_BACK)
          const [type, rule, severity] = one
          if (type === 'alert.fired') return fact(said, type, firedData({ rule, severity, release: BAD }))
          return fact(said, type, quietData(rule, severity))
        }
        on.take(...sequence.map(toEvent))
        const told = on.own().filter((event) => event.type !== 'incident.severity-set')
        const expected = ['incident.opened', 'incident.mitigated', 'incident.resolved']
        expect(story(told)).toEqual(told.map((_, index) => expected[index % 3]))
        const ids = told.flatMap((event) => (event.type === 'incident.opened' ? event.data.incident : []))
        expect(new Set(ids).size).toBe(ids.length)
      }),
    )
  })
})
