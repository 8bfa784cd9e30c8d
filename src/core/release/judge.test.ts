import { describe, expect, it } from 'vitest'
import { at, BAD, GOOD, histogram, ledger, observation, SERVICE, type Seen } from '../../../test/core/observe.ts'
import { FIX, request } from '../../../test/core/release-bench.ts'
import { type Prng, prng } from '../../base/prng.ts'
import { ms, seconds } from '../../base/time.ts'
import { percent } from '../../base/units.ts'
import type { Facts, NewEvent } from '../events.ts'
import { mergeLatency } from '../latency.ts'
import type { Observation } from '../watch/samples.ts'
import { type JudgeState, MAX_VERDICTS, releaseJudge } from './judge.ts'
import { DEFAULT_POLICY, type ReleasePolicy, scalePolicy } from './policy.ts'

const PACED = scalePolicy(DEFAULT_POLICY, seconds(1))
/** The request comes at second 20, the first weights at second 22. */
const SHIFT = 22
const WINDOW = 120

const weights = (weight: number, release = BAD): Facts['weights.set'] => ({
  weights: [
    { release, weight: percent(weight) },
    { release: GOOD, weight: percent(100 - weight) },
  ],
})

const healthy = (requests: number): Seen => ({ requests, latencyMs: 8, databaseMs: requests * 3 })

/** A healthy service, the request, the shift to 10 %, then what `seen` says of each second. */
function judged(
  seen: (second: number) => Observation,
  options: { until?: number; policy?: ReleasePolicy; asked?: object } = {},
) {
  const { until = 60, policy = PACED, asked = {} } = options
  const judge = releaseJudge({ service: SERVICE, policy })
  const event = ledger()
  let state: JudgeState = judge.initial
  const found: NewEvent[] = []
  const observations: Observation[] = []
  for (let second = 0; second < until; second++) {
    if (second === 20) state = judge.note(state, event(20, 'release.requested', request(asked)))
    if (second === SHIFT) state = judge.note(state, event(SHIFT, 'weights.set', weights(10)))
    observations.push(second <= SHIFT ? observation(second, { [GOOD]: healthy(60) }) : seen(second))
    const look = judge.look(state, observations.slice(-WINDOW))
    state = JSON.parse(JSON.stringify(look.state))
    found.push(...look.facts)
    for (const one of look.facts)
      if (one.type === 'release.judged') state = judge.note(state, event(second, one.type, one.data))
  }
  return found.flatMap((one) =>
    one.type === 'release.judged' ? [{ second: (one.at - at(0)) / 1000, ...one.data }] : [],
  )
}

const both = (canary: Seen, beside: Seen = healthy(54)) => ({ [BAD]: canary, [GOOD]: beside })
const constant = (canary: Seen, beside?: Seen) => (second: number) => observation(second, both(canary, beside))

describe('a healthy canary', () => {
  it('passes once, when its time is over (J1, J2)', () => {
    expect(judged(constant(healthy(6)))).toMatchObject([{ second: SHIFT + 10, verdict: 'pass', rule: 'hold' }])
  })

  it('is not promoted by silence (J2, J4)', () => {
    expect(judged(constant({ requests: 0 }))).toMatchObject([
      { verdict: 'no-data', why: [expect.stringContaining('only 0 requests')] },
    ])
  })

  it('passes as soon as the traffic that was missing has come', () => {
    const late = judged((second) => observation(second, both(healthy(second < 40 ? 0 : 6))))
    expect(late.map(({ verdict }) => verdict)).toEqual(['no-data', 'pass'])
  })

  it('is not blamed for cold first requests', () => {
    const cold = (second: number): Seen =>
      second === SHIFT + 1 ? { requests: 6, latencyMs: 900, databaseMs: 300 } : healthy(6)
    expect(judged((second) => observation(second, both(cold(second))))).toMatchObject([{ verdict: 'pass' }])
  })
})

describe('a bad canary', () => {
  it('is known from its database time before the first error, with the numbers', () => {
    const [verdict, ...more] = judged(constant({ requests: 6, latencyMs: 150, databaseMs: 6 * 120, active: 2 }))
    expect(more).toEqual([])
    expect(verdict).toMatchObject({ verdict: 'bad', rule: 'database-time' })
    expect(verdict?.second).toBeLessThanOrEqual(SHIFT + 6)
    expect(verdict?.why[0]).toContain('database time per request of payment-service@2.3.1 is 120 ms')
    expect(verdict?.why[1]).toBe('40 times the 3 ms of 2.3.0 beside it')
  })

  it('is blamed though it drags the other release along, and that one is three times better', () => {
    const dragged = constant(
      { requests: 6, latencyMs: 150, databaseMs: 6 * 240 },
      { requests: 54, databaseMs: 54 * 60 },
    )
    expect(judged(dragged)).toMatchObject([{ verdict: 'bad', rule: 'database-time' }])
  })

  it('is known from gross errors within seconds', () => {
    const [verdict] = judged(constant({ ...healthy(6), errors: 2 }))
    expect(verdict).toMatchObject({ verdict: 'bad', rule: 'sequential-error-rate' })
    expect(verdict?.second).toBeLessThanOrEqual(SHIFT + 6)
  })

  it('at 6 % errors is known once they have lasted, not before', () => {
    const six = (second: number) => observation(second, both({ ...healthy(50), errors: 3 }))
    const [verdict] = judged(six, { policy: { ...PACED, stepHold: seconds(300) }, until: 60 })
    expect(verdict).toMatchObject({ verdict: 'bad', rule: 'sustained-error-rate' })
    expect(verdict?.second).toBe(SHIFT + 1 + 5)
  })

  it('with one bad moment is not rolled back', () => {
    const blip = (second: number): Seen => (second === 30 ? { ...healthy(6), errors: 6 } : healthy(6))
    expect(judged((second) => observation(second, both(blip(second)))).map(({ verdict }) => verdict)).toEqual(['pass'])
  })

  it('that fills its pool, while the other has room, is known before an error', () => {
    const leak = constant({ ...healthy(6), used: 25, max: 25, pending: 3 })
    expect(judged(leak)).toMatchObject([{ verdict: 'bad', rule: 'pool-utilisation' }])
  })

  it('that is slow with a fast database is known by its latency', () => {
    expect(judged(constant({ ...healthy(12), latencyMs: 600 }))).toMatchObject([{ verdict: 'bad' }])
  })

  it('stays bad: later looks change nothing (J5)', () => {
    const recovers = (second: number) => observation(second, both({ ...healthy(6), errors: second < 30 ? 5 : 0 }))
    expect(judged(recovers).map(({ verdict }) => verdict)).toEqual(['bad'])
  })
})

describe('a clock on which a minute lasts less than the time between two samples', () => {
  it('leaves the judge as quick as ever', () => {
    const policy = { ...scalePolicy(DEFAULT_POLICY, ms(300)), stepHold: seconds(100) }
    const [verdict] = judged(constant({ requests: 6, latencyMs: 150, databaseMs: 6 * 120 }), { policy })
    expect(verdict).toMatchObject({ verdict: 'bad', rule: 'database-time' })
    expect(verdict?.second).toBeLessThanOrEqual(SHIFT + 6)
    const errors = judged(constant({ ...healthy(50), errors: 3 }), { policy })
    expect(errors[0]).toMatchObject({ verdict: 'bad', rule: 'sustained-error-rate' })
  })
})

describe('when everything suffers', () => {
  it('the canary is not blamed for errors that both have (J3)', () => {
    const outage = (second: number) =>
      observation(
        second,
        second < 26 ? both(healthy(6)) : both({ ...healthy(6), errors: 3 }, { ...healthy(54), errors: 27 }),
      )
    const verdicts = judged(outage)
    expect(verdicts.map(({ verdict }) => verdict)).not.toContain('bad')
    expect(verdicts.map(({ verdict }) => verdict)).toContain('everything-bad')
  })

  it('nor for a database that is slow for both', () => {
    const slow: Seen = { requests: 6, latencyMs: 400, databaseMs: 6 * 300 }
    const verdicts = judged(constant(slow, { requests: 54, latencyMs: 400, databaseMs: 54 * 280 }))
    expect(verdicts[0]).toMatchObject({ verdict: 'everything-bad' })
    expect(verdicts.map(({ verdict }) => verdict)).not.toContain('bad')
  })

  it('it passes after the outage, when all is well again', () => {
    const outage = (second: number) =>
      observation(
        second,
        second > 26 && second < 40
          ? both({ ...healthy(6), errors: 3 }, { ...healthy(54), errors: 27 })
          : both(healthy(6)),
      )
    expect(judged(outage, { until: 80 }).at(-1)).toMatchObject({ verdict: 'pass' })
  })
})

describe('when the source of figures is silent', () => {
  it('says "no data", and passes when it is back (J4)', () => {
    const gap = (second: number) =>
      second > 25 && second < 45 ? observation(second, null, null) : observation(second, both(healthy(6)))
    const verdicts = judged(gap, { until: 80 })
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['no-data', 'pass'])
    expect(verdicts[0]?.why.join()).toContain('connection refused')
  })
})

describe('the judge is silent', () => {
  it('where nobody asked for it (J1)', () => {
    expect(judged(constant({ ...healthy(6), errors: 6 }), { asked: { automaticRollback: false } })).toEqual([])
  })

  it('about a source that wavers without end, after a limit (J5)', () => {
    const waver = (second: number) =>
      second % 20 < 8 ? observation(second, null, null) : observation(second, both(healthy(6)))
    expect(judged(waver, { until: 1300 }).length).toBe(MAX_VERDICTS)
  })

  it('once the release is rolled back, and about other releases', () => {
    const judge = releaseJudge({ service: SERVICE, policy: PACED })
    const event = ledger()
    const events = [
      event(0, 'release.requested', request()),
      event(1, 'weights.set', weights(10)),
      event(2, 'release.rollback-decided', { release: BAD, to: GOOD, why: [] }),
    ]
    expect(events.reduce(judge.note, judge.initial)).toEqual(judge.initial)
    const others = [event(3, 'weights.set', weights(10, FIX)), event(4, 'release.promoted', { release: FIX })]
    expect(others.reduce(judge.note, judge.initial)).toEqual(judge.initial)
  })
})

/** Traffic as in the reference incident: 60 requests a second, 8 % of them the back office's list. */
function drawn(random: Prng, requests: number, slowMs: number | null): Seen & { latency: readonly number[] } {
  const slow =
    slowMs === null ? 0 : Array.from({ length: requests }, () => random.next()).filter((value) => value < 0.08).length
  const latency = mergeLatency([histogram(8, requests - slow), histogram(slowMs ?? 8, slow)])
  return { requests, databaseMs: (requests - slow) * 3.5 + slow * (slowMs ?? 0), latency }
}

function drawnObservation(random: Prng, second: number, slowMs: number | null): Observation {
  const canary = Array.from({ length: 60 }, () => random.next()).filter((value) => value < 0.1).length
  const seen = { [BAD]: drawn(random, canary, slowMs), [GOOD]: drawn(random, 60 - canary, null) }
  const plain = observation(second, seen)
  return {
    ...plain,
    services: plain.services.map((sample) => ({ ...sample, latency: seen[sample.release]?.latency ?? sample.latency })),
  }
}

describe('at a tenth of the traffic of the reference incident', () => {
  const verdicts = (slowMs: number | null, runs: number, until: number) =>
    Array.from({ length: runs }, (_, seed) => {
      const random = prng(seed + 1)
      const policy = { ...PACED, stepHold: seconds(until) }
      return judged((second) => drawnObservation(random, second, slowMs), { until, policy })[0]
    })

  it('finds a query of 350 ms in 8 % of the requests within 15 s, nearly always', () => {
    const times = verdicts(350, 100, 60).map((one) => (one?.verdict === 'bad' ? one.second - SHIFT : 999))
    expect(times.filter((time) => time <= 15).length).toBeGreaterThanOrEqual(95)
  })

  it('accuses a release that equals its predecessor in none of 60 rollouts', () => {
    expect(verdicts(null, 60, 150).filter((one) => one?.verdict === 'bad')).toEqual([])
  })
})
