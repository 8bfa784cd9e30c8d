import { describe, expect, it } from 'vitest'
import { BAD, GOOD, observation, running, SERVICE } from '../../test/core/observe.ts'
import { seconds } from '../base/time.ts'
import {
  databaseMsPerRequest,
  errorRatePercent,
  isStale,
  newestWithEnough,
  releasesIn,
  spanOf,
  totals,
} from './windows.ts'

const service = SERVICE
const enough = { requests: 20, ticks: 1, span: seconds(1), within: seconds(60) }

describe('totals of a window', () => {
  it('add up all releases, or one of them', () => {
    const window = [observation(1, { [GOOD]: { requests: 90, errors: 1 }, [BAD]: { requests: 10, errors: 5 } })]
    expect(totals(window, { service })).toMatchObject({ requests: 100, errors: 6 })
    expect(totals(window, { service, release: BAD })).toMatchObject({ requests: 10, errors: 5 })
    expect(releasesIn(window, service)).toEqual([GOOD, BAD])
  })

  it('leave gaps out instead of reading them as zero', () => {
    const window = [1, 2, 3].map((second) => observation(second, second === 2 ? null : { [GOOD]: { requests: 10 } }))
    expect(totals(window, { service })).toMatchObject({ ticks: 2, requests: 20 })
    expect(totals([observation(1, null)], { service })).toBeNull()
  })

  it('have no error rate without a request', () => {
    const idle = totals([observation(1, { [GOOD]: { requests: 0 } })], { service })
    expect(idle && errorRatePercent(idle)).toBeNull()
  })

  it('see statements that hang, which no finished request has reported', () => {
    const hang = (second: number, age: number) =>
      observation(
        second,
        { [BAD]: { requests: 1, databaseMs: 2, active: 1 } },
        { running: [running(second, { pid: 1, release: BAD, query: 'select 1', age })] },
      )
    const hanging = totals([hang(1, 1), hang(2, 2), hang(3, 3)], { service })
    expect(hanging && databaseMsPerRequest(hanging)).toBe((6 + 3000) / 4)
  })

  it('take a fast statement that happens to be seen for what it is', () => {
    const window = Array.from({ length: 5 }, (_, second) =>
      observation(second, { [GOOD]: { requests: 5, active: second === 2 ? 1 : 0 } }),
    )
    const lucky = totals(window, { service })
    expect(lucky && databaseMsPerRequest(lucky)).toBe(2)
  })

  it('go by sampled sessions where a service measures nothing itself', () => {
    const window = Array.from({ length: 16 }, (_, second) =>
      observation(second, { [GOOD]: { requests: 5, databaseMs: 0, active: second === 15 ? 0 : 4 } }),
    )
    const unmeasured = totals(window, { service })
    expect(unmeasured && databaseMsPerRequest(unmeasured)).toBeCloseTo((60_000 * (1 - 2 / Math.sqrt(60))) / 80)
  })
})

describe('the newest stretch with enough evidence', () => {
  const steady = Array.from({ length: 30 }, (_, second) => observation(second, { [GOOD]: { requests: 10 } }))

  it('is as short as it can be', () => {
    const window = newestWithEnough(steady, { service }, enough)
    expect(window).toMatchObject({ ticks: 2, requests: 20 })
    expect(window && spanOf(window)).toBe(2000)
  })

  it('grows until it spans long enough', () => {
    expect(newestWithEnough(steady, { service }, { ...enough, span: seconds(5) })).toMatchObject({ ticks: 5 })
  })

  it('is not there when too little lies within reach', () => {
    expect(newestWithEnough(steady, { service }, { ...enough, requests: 200, within: seconds(10) })).toBeNull()
    expect(newestWithEnough([], { service }, enough)).toBeNull()
  })
})

describe('staleness', () => {
  it('takes three looks in a row without a sample', () => {
    const seen = observation(1, { [GOOD]: { requests: 1 } })
    expect(isStale([seen, observation(2, null), observation(3, null)], { service })).toBe(false)
    expect(isStale([seen, observation(2, null), observation(3, null), observation(4, null)], { service })).toBe(true)
  })
})
