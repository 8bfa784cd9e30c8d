import { describe, expect, it } from 'vitest'
import {
  ALICE,
  BAD,
  FIRST_ID,
  FIX,
  GOOD,
  incidentLedger as ledger,
  STEP,
  story,
} from '../../../test/core/incident-ledger.ts'
import { eventId } from '../../base/ids.ts'
import { ms, seconds } from '../../base/time.ts'
import { DEFAULT_INCIDENT_POLICY, scaleIncidentPolicy } from './policy.ts'

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

describe('an alert after the rollback', () => {
  const resolvedBefore = () => {
    const on = ledger()
    on.fired('error-rate', 'critical')
    on.rolledBack()
    on.quiet('error-rate', 'critical')
    return on
  }

  it.each([
    { of: 'the release that was rolled back', release: BAD },
    { of: 'the release that the traffic went back to', release: GOOD },
    { of: 'no release', release: null },
  ])(
    'opens an incident that is mitigated at once when it names $of, and resolved when it ends (I5, I10)',
    ({ release }) => {
      const { rolledBack, fired, quiet, own, state, whys } = ledger()
      rolledBack()
      fired('pool-utilisation-critical', 'critical', release)
      expect(story(own())).toEqual(['incident.opened', 'incident.severity-set', 'incident.mitigated'])
      expect(state().phase).toBe('mitigated')
      expect(own()[2]?.data).toMatchObject({
        why: 'release 2.3.1 was rolled back to 2.3.0 1 s before this alert (an alert up to 12 min after a rollback looks at what it ended)',
      })
      expect(whys[1]?.[0]).toContain('opens an incident as SEV-2')
      expect(whys[1]?.[1]).toContain('1 s before this alert')
      quiet('pool-utilisation-critical', 'critical')
      expect(story(own()).slice(3)).toEqual(['incident.resolved'])
    },
  )

  it('does the same when an earlier incident was resolved in between, as another incident (I1, I10)', () => {
    const on = resolvedBefore()
    on.fired('error-rate', 'critical', null)
    expect(on.state().phase).toBe('mitigated')
    expect(story(on.own()).slice(-3)).toEqual(['incident.opened', 'incident.severity-set', 'incident.mitigated'])
  })

  it('opens an incident that nothing has helped yet when it names another release', () => {
    const { rolledBack, fired, state } = ledger()
    rolledBack()
    fired('pool-utilisation-critical', 'critical', FIX)
    expect(state().phase).toBe('open')
  })

  it.each([BAD, FIX])('opens an incident that nothing has helped yet once %s has been requested', (release) => {
    const { rolledBack, requested, fired, state } = ledger()
    rolledBack()
    requested(release)
    fired('error-rate', 'critical', null)
    expect(state().phase).toBe('open')
  })

  it.each([
    { steps: 3, phase: 'mitigated' },
    { steps: 4, phase: 'open' },
  ])('$steps steps later is $phase when 4 steps are too late', ({ steps, phase }) => {
    const on = ledger({ ...DEFAULT_INCIDENT_POLICY, trailing: ms(4 * STEP) })
    on.rolledBack()
    on.wait(steps)
    on.fired('error-rate', 'critical', null)
    expect(on.state().phase).toBe(phase)
  })

  it('that opens no incident changes nothing', () => {
    const { rolledBack, fired, own } = ledger()
    rolledBack()
    fired('slow-queries', 'warning')
    expect(own()).toEqual([])
  })
})

describe('the policy on a faster clock', () => {
  it.each([
    { pace: seconds(60), trailing: 720 },
    { pace: seconds(4), trailing: 48 },
    { pace: seconds(1), trailing: 20 },
    { pace: ms(260), trailing: 20 },
  ])('with $pace ms a minute waits $trailing s for alerts that trail', ({ pace, trailing }) => {
    expect(scaleIncidentPolicy(DEFAULT_INCIDENT_POLICY, pace).trailing).toBe(trailing * 1000)
  })
})
