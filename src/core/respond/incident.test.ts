import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventId } from '../../base/ids.ts'
import { epochMs, ms } from '../../base/time.ts'
import { releaseId, serviceName } from '../../base/units.ts'
import { type Facts, type FactType, fact, type LedgerEvent, type NewEvent, type Source } from '../events.ts'
import { type IncidentState, incidentDecider } from './incident.ts'

const START = epochMs(Date.UTC(2024, 2, 15, 14, 32))
const STREAM = { environment: 'production', service: serviceName('payment-service') }
const PREMORTEM: Source = { kind: 'premortem', name: 'alerts' }
const ALICE: Source = { kind: 'person', name: 'Alice Johnson' }
const AT_START = { at: START, source: PREMORTEM }
const FIRST_ID = 'production/2024-03-15-payment-service-1'

/** A ledger with the decider on it: what it decides comes back to it, as the engine does it. */
function ledger() {
  const decider = incidentDecider()
  const events: LedgerEvent[] = []
  const whys: (readonly string[])[] = []
  let state: IncidentState = decider.initial
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
  return {
    take,
    say: <T extends FactType>(type: T, data: Facts[T], source = PREMORTEM) =>
      take(fact({ at: epochMs(START + events.length * 1000), source }, type, data)),
    fired: (rule: string, severity: 'warning' | 'critical') => {
      const at = epochMs(START + events.length * 1000)
      take(fact({ at, source: PREMORTEM }, 'alert.fired', firedData(rule, severity)))
    },
    quiet: (rule: string, severity: 'warning' | 'critical') =>
      take(fact(AT_START, 'alert.resolved', { rule, severity, value: 1, message: 'quiet' })),
    rolledBack: () => take(fact(AT_START, 'release.rolled-back', ROLLED_BACK)),
    state: () => state,
    events,
    whys,
    own: () => events.filter((event) => event.source.name === 'incident'),
  }
}

const ROLLED_BACK = { release: releaseId('2.3.1'), to: releaseId('2.3.0') }
const firedData = (rule: string, severity: 'warning' | 'critical'): Facts['alert.fired'] => ({
  rule,
  severity,
  release: releaseId('2.3.1'),
  value: 8.33,
  threshold: 5,
  unit: '%',
  message: '8.3 % of requests fail',
})

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(Object.freeze(value))) deepFreeze(part)
  }
  return value
}

const story = (own: readonly LedgerEvent[]) => own.map((event) => event.type)

describe('the incident of a service', () => {
  it('opens on the first critical alert, with its severity, and says why with the numbers (I3, I4, I7)', () => {
    const { fired, own, whys, state } = ledger()
    fired('pool-utilisation-critical', 'critical')
    expect(own().map(({ type, data }) => ({ type, data }))).toEqual([
      {
        type: 'incident.opened',
        data: { incident: FIRST_ID, title: 'payment-service: 8.3 % of requests fail', because: 'payment-service/1' },
      },
      { type: 'incident.severity-set', data: { incident: FIRST_ID, severity: 'SEV-2' } },
    ])
    expect(whys[0]?.[0]).toContain('critical alert pool-utilisation-critical at 8.3 % (threshold 5 %)')
    expect(state().phase).toBe('open')
  })

  it('does not open on a warning, except on one of the error rate, which users feel', () => {
    const { fired, own } = ledger()
    fired('slow-queries', 'warning')
    expect(own()).toEqual([])
    fired('error-rate', 'warning')
    expect(own()[1]?.data).toMatchObject({ severity: 'SEV-3' })
  })

  it('raises the severity when a critical alert follows, once, and lowers it never (I6, I9)', () => {
    const { fired, own } = ledger()
    fired('error-rate', 'warning')
    fired('error-rate', 'critical')
    fired('error-rate', 'critical')
    fired('error-rate', 'warning')
    expect(own().flatMap((event) => (event.type === 'incident.severity-set' ? event.data.severity : []))).toEqual([
      'SEV-3',
      'SEV-2',
    ])
  })

  it('leaves a severity alone that a person has set (I6)', () => {
    const { fired, say, own } = ledger()
    fired('error-rate', 'warning')
    say('incident.severity-set', { incident: FIRST_ID, severity: 'SEV-3' }, ALICE)
    fired('error-rate', 'critical')
    expect(story(own())).toEqual(['incident.opened', 'incident.severity-set'])
  })

  it('stays open while alerts come and go, until the release is rolled back', () => {
    const { fired, quiet, rolledBack, own, state } = ledger()
    fired('error-rate', 'critical')
    quiet('error-rate', 'critical')
    expect(state().phase).toBe('open')
    rolledBack()
    expect(story(own()).slice(2)).toEqual(['incident.mitigated', 'incident.resolved'])
  })

  it('is mitigated by the rollback and resolved by the end of the last alert (I2, I5)', () => {
    const { fired, quiet, rolledBack, own, whys } = ledger()
    fired('error-rate', 'critical')
    fired('slow-queries', 'warning')
    rolledBack()
    fired('pool-utilisation-critical', 'critical')
    quiet('pool-utilisation-critical', 'critical')
    quiet('error-rate', 'critical')
    expect(story(own()).slice(2)).toEqual(['incident.mitigated'])
    quiet('slow-queries', 'warning')
    expect(story(own()).slice(2)).toEqual(['incident.mitigated', 'incident.resolved'])
    expect(whys.flat()).toContain('release 2.3.1 was rolled back to 2.3.0: the incident is mitigated')
  })

  it('opens another incident when an alert fires after the resolution (I1, I3)', () => {
    const { fired, quiet, rolledBack, own } = ledger()
    fired('error-rate', 'critical')
    rolledBack()
    quiet('error-rate', 'critical')
    fired('error-rate', 'critical')
    const ids = own().flatMap((event) => (event.type === 'incident.opened' ? event.data.incident : []))
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(2)
  })

  it('follows a person who opens, mitigates and resolves it', () => {
    const { say, own, state } = ledger()
    say('incident.opened', { incident: 'by-hand', title: 'support has calls', because: eventId('x', 1) }, ALICE)
    expect(state()).toMatchObject({ phase: 'open', incident: 'by-hand', severity: null })
    say('incident.mitigated', { incident: 'another', why: 'wrong one' }, ALICE)
    expect(state().phase).toBe('open')
    say('incident.resolved', { incident: 'by-hand', why: 'false alarm' }, ALICE)
    expect(state().phase).toBe('resolved')
    expect(own()).toEqual([])
  })

  it('gives a person’s incident the severity of the next alert', () => {
    const { say, fired, own } = ledger()
    say('incident.opened', { incident: 'by-hand', title: 'support has calls', because: eventId('x', 1) }, ALICE)
    fired('slow-queries', 'warning')
    expect(own().map((event) => event.data)).toEqual([{ incident: 'by-hand', severity: 'SEV-3' }])
  })

  it('resolves at once when a person says that it is mitigated and nothing fires any more', () => {
    const { say, fired, quiet, own } = ledger()
    fired('error-rate', 'critical')
    quiet('error-rate', 'critical')
    say('incident.mitigated', { incident: FIRST_ID, why: 'failed over' }, ALICE)
    expect(story(own()).slice(2)).toEqual(['incident.resolved'])
  })
})

const rules = fc.constantFrom('error-rate', 'pool-utilisation-critical', 'slow-queries')
const severities = fc.constantFrom('warning' as const, 'critical' as const)
/** A person may name an incident by its id or by a wrong one: the fuzz names the current one at `true`. */
const steps = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constant('fired' as const), rules, severities) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('quiet' as const), rules, severities) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('rolled-back' as const)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('opened' as const)) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('mitigated' as const, 'resolved' as const), fc.boolean()) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('severity' as const), fc.boolean()) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('other' as const)) },
)

type Step = typeof steps extends fc.Arbitrary<infer S> ? S : never

function play(step: Step, on: ReturnType<typeof ledger>) {
  const state = on.state()
  const idOf = (right: boolean) => (right && state.phase !== 'none' ? state.incident : 'some-other')
  switch (step[0]) {
    case 'fired':
      return on.fired(step[1], step[2])
    case 'quiet':
      return on.quiet(step[1], step[2])
    case 'rolled-back':
      return on.rolledBack()
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

describe('any sequence of events', () => {
  it('keeps the invariants I1 to I9', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (sequence) => {
        const on = ledger()
        for (const step of sequence) play(step, on)
        check(on.events)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps I1 to I3 also when the events come all at once, before what is decided on them comes back', () => {
    const alert = fc.tuple(fc.constantFrom('alert.fired' as const, 'alert.resolved' as const), rules, severities)
    const step = fc.option(alert, { nil: null, freq: 4 })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (sequence) => {
        const on = ledger()
        const toEvent = (one: (typeof sequence)[number]): NewEvent => {
          if (one === null) return fact(AT_START, 'release.rolled-back', ROLLED_BACK)
          const [type, rule, severity] = one
          if (type === 'alert.fired') return fact(AT_START, type, firedData(rule, severity))
          return fact(AT_START, type, { rule, severity, value: 1, message: 'quiet' })
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
