import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { at, BAD, GOOD, ledger, observation, running, SERVICE, type Seen } from '../../../test/core/observe.ts'
import { seconds } from '../../base/time.ts'
import type { NewEvent } from '../events.ts'
import { type AlertState, alertMonitor, stepRule } from './alerts.ts'
import type { Reading } from './readings.ts'
import { DEFAULT_RULES, scaleRules } from './rules.ts'
import type { Observation } from './samples.ts'

const monitor = alertMonitor({ service: SERVICE, rules: scaleRules(DEFAULT_RULES, seconds(1)) })

function watched(observations: readonly Observation[], from: AlertState = monitor.initial) {
  let state = from
  const events: NewEvent[] = []
  observations.forEach((_, index) => {
    const look = monitor.look(state, observations.slice(0, index + 1))
    state = look.state
    events.push(...look.facts)
  })
  return { state, events }
}

const fired = (events: readonly NewEvent[]) =>
  events.flatMap((event) => (event.type === 'alert.fired' ? [{ at: event.at, ...event.data }] : []))
const seconds0 = (count: number, seen: (second: number) => Observation) =>
  Array.from({ length: count }, (_, i) => seen(i))
const good = (second: number, seen: Seen = {}) => observation(second, { [GOOD]: { requests: 60, ...seen } })

describe('the default alerts', () => {
  it('stay silent over a healthy service', () => {
    expect(watched(seconds0(60, (second) => good(second))).events).toEqual([])
  })

  it('fire on an error rate above 5 %, once, with the numbers', () => {
    const seen = seconds0(20, (second) => good(second, { errors: second < 10 ? 0 : 8 }))
    const alerts = fired(watched(seen).events)
    expect(alerts).toHaveLength(1)
    expect(alerts[0]).toMatchObject({ rule: 'error-rate', severity: 'critical', at: at(11), threshold: 5 })
    expect(alerts[0]?.message).toBe('Error rate of payment-service is 13.3 % (8 of 60 requests), above 5 % for 1 s.')
  })

  it('wait for the full minute of the incident on a real clock', () => {
    const real = alertMonitor({ service: SERVICE, rules: DEFAULT_RULES })
    let state = real.initial
    const at59: NewEvent[] = []
    const seen = seconds0(130, (second) => good(second, { errors: 30 }))
    seen.forEach((_, index) => {
      const look = real.look(state, seen.slice(0, index + 1))
      state = look.state
      at59.push(...look.facts)
    })
    // The first minute fills the window, the second is the rule's own.
    expect(fired(at59)).toMatchObject([{ rule: 'error-rate', at: at(119) }])
  })

  it('ignore three failed requests of a night without traffic', () => {
    const night = seconds0(10, (second) => good(second, { requests: 1, errors: second < 3 ? 1 : 0 }))
    expect(fired(watched(night).events)).toEqual([])
  })

  it('warn above 80 % and alarm above 90 % of the pool, naming the release', () => {
    const seen = seconds0(12, (second) =>
      observation(second, {
        [GOOD]: { requests: 60 },
        [BAD]: { requests: 6, used: second < 6 ? 28 : 33, max: 33, pending: 12 },
      }),
    )
    const alerts = fired(watched(seen).events)
    expect(alerts.map(({ rule, release }) => [rule, release])).toEqual([
      ['pool-utilisation-warning', BAD],
      ['pool-utilisation-critical', BAD],
    ])
    expect(alerts[1]?.message).toContain('of 33 connections in use, 12 requests waiting')
  })

  it('count each slow statement once, however long it runs', () => {
    const one = seconds0(10, (second) =>
      observation(
        second,
        { [BAD]: { requests: 60 } },
        { running: [running(second, { pid: 7, release: BAD, query: 'select 1', age: second + 1 })] },
      ),
    )
    expect(fired(watched(one).events)).toEqual([])
    const many = seconds0(10, (second) =>
      observation(
        second,
        { [BAD]: { requests: 60 } },
        {
          running: Array.from({ length: 8 }, (_, i) =>
            running(second, { pid: i, release: BAD, query: 'select 1', age: second + 0.5 - i * 0.4 }),
          ).filter((statement) => statement.age > 0),
        },
      ),
    )
    expect(fired(watched(many).events).map((alert) => alert.rule)).toEqual(['slow-queries'])
  })

  it('tell a costly release from its predecessor even after that one is gone', () => {
    const seen = seconds0(20, (second) =>
      observation(
        second,
        second < 10 ? { [GOOD]: { requests: 60, databaseMs: 180 } } : { [BAD]: { requests: 60, databaseMs: 60 * 120 } },
      ),
    )
    const alerts = fired(watched(seen).events)
    expect(alerts).toMatchObject([{ rule: 'database-time-per-request', release: BAD, threshold: 30 }])
    expect(alerts[0]?.message).toContain('120 ms (3 ms on 2.3.0)')
  })

  it('resolve only below the threshold with room to spare, for long enough', () => {
    const errors = (second: number) => (second < 10 ? 12 : second < 30 ? 3 : 0)
    const { events } = watched(seconds0(60, (second) => good(second, { errors: errors(second) })))
    expect(events.map((event) => [event.type, event.at])).toEqual([
      ['alert.fired', at(1)],
      ['alert.resolved', at(35)],
    ])
  })

  it('keep firing while there is no data', () => {
    const seen = seconds0(40, (second) =>
      second > 10 ? observation(second, null, null) : good(second, { errors: 12 }),
    )
    const { events, state } = watched(seen)
    expect(events.map((event) => event.type)).toEqual(['alert.fired'])
    expect(state.rules['error-rate']).toMatchObject({ phase: 'no-data', firingSince: at(1) })
  })

  it('do not fire again after a restart what the ledger says is firing', () => {
    const event = ledger()
    const { events } = watched(seconds0(3, (second) => good(second, { errors: 12 })))
    const first = fired(events)[0]
    if (first === undefined) throw new Error('nothing fired')
    const { at: _, ...data } = first
    const restarted = monitor.note(monitor.initial, event(1, 'alert.fired', data))
    expect(
      watched(
        seconds0(5, (second) => good(second + 3, { errors: 12 })),
        restarted,
      ).events,
    ).toEqual([])
  })

  it('need distinct ids', () => {
    const [rule] = DEFAULT_RULES
    if (rule === undefined) throw new Error('no rule')
    expect(() => alertMonitor({ service: SERVICE, rules: [rule, rule] })).toThrow(RangeError)
  })
})

describe('any rule, whatever it reads', () => {
  const rule = {
    ...DEFAULT_RULES[0],
    for: seconds(3),
    resolve: { at: 4, for: seconds(4) },
  } as (typeof DEFAULT_RULES)[0]
  const reading = (value: number): Reading => ({
    value,
    threshold: 5,
    above: value > 5,
    clear: value <= 4,
    release: null,
    text: '',
  })
  const readings = fc.array(fc.option(fc.double({ min: 0, max: 10, noNaN: true })), { maxLength: 200 })
  const run = (values: readonly (number | null)[]) => {
    let state: Parameters<typeof stepRule>[0] = { phase: 'inactive' }
    return values.map((value, index) => {
      const step = stepRule(state, { rule, reading: value === null ? null : reading(value), at: at(index) })
      state = step.state
      return step.emits
    })
  }

  it('A2: never fires twice without a resolution between, nor resolves twice', () => {
    fc.assert(
      fc.property(readings, (values) => {
        const emitted = run(values).filter((one) => one !== null)
        expect(emitted).toEqual(emitted.map((_, index) => (index % 2 === 0 ? 'fired' : 'resolved')))
      }),
    )
  })

  it('A1, A4: fires only when every look of the last three seconds was above', () => {
    fc.assert(
      fc.property(readings, (values) => {
        run(values).forEach((one, index) => {
          if (one !== 'fired') return
          for (const value of values.slice(index - 3, index + 1)) expect(value).toBeGreaterThan(5)
        })
      }),
    )
  })

  it('A3: does nothing on a look without data', () => {
    fc.assert(
      fc.property(readings, (values) => {
        run(values).forEach((one, index) => {
          if (values[index] === null) expect(one).toBeNull()
        })
      }),
    )
  })
})
