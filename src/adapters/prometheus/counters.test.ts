import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Counters, MAX_SERIES_PER_TARGET } from './counters.ts'
import { parseExposition } from './exposition.ts'

const counters = () => new Counters((name) => name === 'c')
const page = (text: string) => parseExposition(text).samples
const sum = (increases: readonly { readonly by: number }[]) => increases.reduce((total, { by }) => total + by, 0)

describe('counters of a target', () => {
  it('report nothing at the first look, then what was added', () => {
    const seen = counters()
    expect(seen.increases('a', page('c 1000'))).toEqual([])
    expect(sum(seen.increases('a', page('c 1007')))).toBe(7)
    expect(sum(seen.increases('a', page('c 1007')))).toBe(0)
  })

  it('count a series that appears from 0', () => {
    const seen = counters()
    seen.increases('a', page('c{v="1"} 5'))
    expect(sum(seen.increases('a', page('c{v="1"} 5\nc{v="2"} 3')))).toBe(3)
  })

  it('count from 0 after a restart, also those that are already larger than before', () => {
    const seen = counters()
    seen.increases('a', page('c{v="1"} 50\nc{v="2"} 1'))
    expect(sum(seen.increases('a', page('c{v="1"} 10\nc{v="2"} 4')))).toBe(14)
  })

  it('know a restart by the process start time when every counter has already passed its old value', () => {
    const seen = counters()
    seen.increases('a', page('process_start_time_seconds 100\nc 5'))
    expect(sum(seen.increases('a', page('process_start_time_seconds 200\nc 9')))).toBe(9)
  })

  it('count from 0 again when a series was gone for a look', () => {
    const seen = counters()
    seen.increases('a', page('c 5'))
    seen.increases('a', page('d 1'))
    expect(sum(seen.increases('a', page('c 6')))).toBe(6)
  })

  it('are kept apart by target, whatever the order of the labels', () => {
    const seen = counters()
    seen.increases('a', page('c{x="1",y="2"} 10'))
    seen.increases('b', page('c{x="1",y="2"} 100'))
    expect(sum(seen.increases('a', page('c{y="2",x="1"} 11')))).toBe(1)
    expect(sum(seen.increases('b', page('c{y="2",x="1"} 101')))).toBe(1)
  })

  it('set a new zero for a target that was gone and comes back', () => {
    const seen = counters()
    seen.increases('a', page('c 5'))
    seen.keepOnly(new Set())
    expect(seen.increases('a', page('c 500'))).toEqual([])
  })

  it('leave out values that are no number and metrics that are not asked for', () => {
    const seen = counters()
    seen.increases('a', page('c 1\nother 1'))
    expect(sum(seen.increases('a', page('c NaN\nother 9')))).toBe(0)
  })

  it('remember a bounded number of series', () => {
    const seen = counters()
    const many = (value: number) =>
      page(Array.from({ length: MAX_SERIES_PER_TARGET + 10 }, (_, i) => `c{i="${i}"} ${value}`).join('\n'))
    seen.increases('a', many(1))
    expect(sum(seen.increases('a', many(2)))).toBe(MAX_SERIES_PER_TARGET)
  })

  it('lose nothing and invent nothing over any run of additions and restarts', () => {
    const step = fc.oneof(
      fc.record({ add: fc.integer({ min: 0, max: 50 }) }),
      fc.record({ restart: fc.integer({ min: 0, max: 50 }) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const seen = counters()
        let [value, startedAt, expected, reported] = [0, 0, 0, 0]
        const look = () => sum(seen.increases('a', page(`process_start_time_seconds ${startedAt}\nc ${value}`)))
        look()
        for (const next of steps) {
          const added = 'add' in next ? next.add : next.restart
          if ('restart' in next) {
            startedAt += 1
            value = 0
          }
          value += added
          expected += added
          reported += look()
        }
        expect(reported).toBe(expected)
      }),
    )
  })
})
