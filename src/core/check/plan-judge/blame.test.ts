import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AppliedStatement, PlannedQuery } from '../plans.ts'
import type { Phantom } from '../ports.ts'
import type { WorkloadQuery } from '../snapshot.ts'
import { blame, type Suspect } from './blame.ts'
import { MAX_STATES_PER_ROUND } from './thresholds.ts'

const query = (text: string): WorkloadQuery => ({
  fingerprint: text,
  text,
  name: null,
  callsPerMinute: null,
  meanMs: null,
  rows: null,
  role: null,
  source: 'file',
  file: null,
  line: null,
})
const applied = (count: number): readonly AppliedStatement[] =>
  Array.from({ length: count }, (_, ordinal) => ({
    ordinal,
    file: 'a.sql',
    line: ordinal + 1,
    sql: `s${ordinal + 1}`,
    locks: [],
    rewritten: [],
    created: [],
    dropped: [],
    invalid: [],
    transaction: 0,
    work: 'instant',
    workOn: null,
    estimate: { lowMs: 0, highMs: 50, basis: '' },
  }))

/** A phantom on which a query's cost is 1000 in its bad states and 1 elsewhere; notes how many states a round asks for. */
function phantomWhere(bad: Readonly<Record<string, (statements: number) => boolean>>, count: number) {
  const rounds: number[] = []
  const planned = (one: WorkloadQuery, statements: number): PlannedQuery => {
    const cost = bad[one.text]?.(statements) === true ? 1000 : 1
    const plan = { 'Node Type': 'Seq Scan', 'Total Cost': cost, 'Plan Rows': 1 }
    return { query: one, variants: [{ variant: 'generic', values: [], weight: 0, plan }], unplanned: null, remarks: [] }
  }
  const phantom: Phantom = {
    skipped: [],
    applied: applied(count),
    failure: null,
    plan: () => Promise.reject(new Error('planned together only')),
    planAll: async (queries, states) => {
      rounds.push(states.length)
      return states.map((state) => queries.map((one) => planned(one, state.statements)))
    },
    run: () => Promise.reject(new Error('not run here')),
    inState: () => Promise.reject(new Error('not opened here')),
    sizeOf: async () => null,
    close: async () => undefined,
  }
  return { phantom, rounds }
}

const suspect = (text: string, analysed = false): Suspect => ({
  query: query(text),
  analysed,
  isBad: (planned) => (planned.variants[0]?.plan['Total Cost'] ?? 0) > 1,
})
const never = new AbortController().signal

describe('the search for the guilty statement', () => {
  it('finds it among any number, each query its own, in few rounds of few states', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 }), fc.infiniteStream(fc.nat()), async (count, numbers) => {
        const texts = ['a', 'b', 'c']
        const guilty = new Map(texts.map((text) => [text, 1 + (Number(numbers.next().value) % count)]))
        const bad = Object.fromEntries(texts.map((text) => [text, (at: number) => at >= (guilty.get(text) ?? 0)]))
        const { phantom, rounds } = phantomWhere(bad, count)
        const suspects = texts.map((text) => suspect(text))
        const blamed = await blame(phantom, suspects, never)
        for (const one of suspects) expect(blamed.get(one)?.line).toBe(guilty.get(one.query.text))
        expect(Math.max(0, ...rounds)).toBeLessThanOrEqual(MAX_STATES_PER_ROUND)
        expect(rounds.length).toBeLessThanOrEqual(9)
      }),
      { numRuns: 60 },
    )
  })

  it('blames only a turn that it has seen, however often the plan turns', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 0, maxLength: 60 }), async (between) => {
        const states = [false, ...between, true]
        const { phantom } = phantomWhere({ a: (at) => states[at] === true }, states.length - 1)
        const one = suspect('a')
        const line = (await blame(phantom, [one], never)).get(one)?.line ?? -1
        expect([states[line - 1], states[line]]).toEqual([false, true])
      }),
    )
  })

  it('blames the last turn when it sees all states', async () => {
    const states = [false, true, false, true, true, false, true, true]
    const { phantom, rounds } = phantomWhere({ a: (at) => states[at] === true }, states.length - 1)
    const one = suspect('a')
    expect((await blame(phantom, [one], never)).get(one)?.line).toBe(6)
    expect(rounds).toEqual([6])
  })

  it('asks nothing for a change of one statement', async () => {
    const { phantom, rounds } = phantomWhere({ a: (at) => at >= 1 }, 1)
    const one = suspect('a', true)
    expect((await blame(phantom, [one], never)).get(one)?.line).toBe(1)
    expect(rounds).toEqual([])
  })
})
