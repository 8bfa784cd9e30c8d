import { describe, expect, it } from 'vitest'
import type { PlannedQuery, SchemaState, VariantPlan } from '../plans.ts'
import type { Phantom } from '../ports.ts'
import type { WorkloadQuery } from '../snapshot.ts'
import { severityOf } from './findings.ts'
import { scoreFragility } from './fragility.ts'
import { compareQuery } from './query.ts'
import { errorFactor, estimateRuntime } from './runtime.ts'
import { memoryOf } from './spill.ts'

const query: WorkloadQuery = {
  fingerprint: 'q',
  text: 'q',
  name: 'Q',
  callsPerMinute: 100,
  meanMs: 10,
  rows: null,
  role: null,
  source: 'file',
  file: null,
  line: null,
}
type Cost = readonly [variant: string, weight: number, type: string, cost: number]
const planned = (...costs: readonly Cost[]): PlannedQuery => ({
  query,
  variants: costs.map(
    ([variant, weight, type, cost]): VariantPlan => ({
      variant,
      weight,
      values: [],
      plan: {
        'Node Type': type,
        'Relation Name': 't',
        Alias: 't',
        ...(type === 'Index Scan' ? { 'Index Name': 'i' } : {}),
        'Total Cost': cost,
        'Plan Rows': 1,
      },
    }),
  ),
  unplanned: null,
  remarks: [],
})
const compared = (before: PlannedQuery, after: PlannedQuery) => {
  const found = compareQuery(before, after)
  if (found === null) throw new Error('not compared')
  return found
}

describe('a query with several variants', () => {
  it('regresses when one of them does, and shows that one', () => {
    const found = compared(
      planned(['generic', 0, 'Seq Scan', 5000], ['common 1', 0.9, 'Seq Scan', 5000], ['rare', 0.1, 'Index Scan', 10]),
      planned(['generic', 0, 'Seq Scan', 5000], ['common 1', 0.9, 'Seq Scan', 5000], ['rare', 0.1, 'Seq Scan', 4000]),
    )
    expect(found).toMatchObject({ regressed: true, kind: 'index-to-seq-scan', shown: { before: { variant: 'rare' } } })
    expect(found.weighted?.before).toBeCloseTo(4501)
    expect(found.addedCost).toBeCloseTo(399)
  })

  it('does not mind a generic plan that the server would not take', () => {
    const before = planned(['generic', 0, 'Index Scan', 10], ['common 1', 1, 'Index Scan', 10])
    const worse = planned(['generic', 0, 'Seq Scan', 9000], ['common 1', 1, 'Index Scan', 10])
    expect(compared(before, worse)).toMatchObject({ regressed: false, improved: false, kind: 'none' })
    const alone = compared(planned(['generic', 0, 'Index Scan', 10]), planned(['generic', 0, 'Seq Scan', 9000]))
    expect(alone.regressed).toBe(true)
  })

  it('is left out on no account: without common names the first variants are compared', () => {
    expect(compared(planned(['a', 1, 'Index Scan', 10]), planned(['b', 1, 'Seq Scan', 900])).regressed).toBe(true)
  })
})

describe('how bad it is', () => {
  const severity = (added: number, more: Partial<WorkloadQuery> = {}) => {
    const one = { ...query, meanMs: null, ...more }
    const comparison = compared(
      planned(['generic', 0, 'Index Scan', 100]),
      planned(['generic', 0, 'Seq Scan', 100 + added]),
    )
    return severityOf({ query: one, comparison })
  }
  it.each([
    ['error', 100_000, 1],
    ['error', 6000, 100],
    ['warning', 600, 100],
    ['note', 500, 100],
    ['note', 500, null],
  ] as const)('is %s for %i units more at %s calls a minute', (expected, added, callsPerMinute) => {
    expect(severity(added, { callsPerMinute })).toBe(expected)
  })
  it('goes by the query’s own pace where production measured it', () => {
    expect(severity(100, { meanMs: 100, callsPerMinute: 60 })).toBe('error')
  })
})

describe('time from cost', () => {
  it('is production’s time by the ratio, with an error that grows with it', () => {
    expect(estimateRuntime(query, { before: 10, after: 10_000 })).toMatchObject({ before: 10, after: 10_000 })
    expect(errorFactor(1)).toBe(1.5)
    expect(errorFactor(1000)).toBeCloseTo(5.06)
    expect(errorFactor(0.001)).toBeCloseTo(5.06)
    expect(errorFactor(1e30)).toBe(10)
  })
  it('is not told where nobody measured', () => {
    expect(estimateRuntime({ ...query, meanMs: null }, { before: 1, after: 2 })).toBeNull()
  })
})

describe('memory of sorts and hashes', () => {
  const of = (...settings: readonly (readonly [string, string])[]) =>
    memoryOf(settings.map(([name, value]) => ({ name, value })))
  it('is read from the settings, with PostgreSQL’s defaults', () => {
    expect(of()).toEqual({ sortBytes: 4_194_304, hashBytes: 8_388_608 })
    expect(of(['work_mem', '64MB'], ['hash_mem_multiplier', '1.5'])).toEqual({
      sortBytes: 67_108_864,
      hashBytes: 100_663_296,
    })
    expect(of(['work_mem', '1024kB']).sortBytes).toBe(1_048_576)
    expect(of(['work_mem', 'much']).sortBytes).toBe(4_194_304)
  })
})

describe('fragility', () => {
  const steady = planned(['generic', 0, 'Index Scan', 5000])
  /** Plans flip under the seeds that `flips` names, in states of the change and before it. */
  const score = (flips: (state: SchemaState) => boolean, flipped = planned(['generic', 0, 'Seq Scan', 50_000])) => {
    const phantom: Phantom = {
      skipped: [],
      applied: [],
      failure: null,
      plan: async () => [steady],
      planAll: async (_queries, states) => states.map((state) => [flips(state) ? flipped : steady]),
      run: () => Promise.reject(new Error('not run here')),
      inState: () => Promise.reject(new Error('not opened here')),
      sizeOf: async () => null,
      close: async () => undefined,
    }
    const signal = new AbortController().signal
    return scoreFragility({ phantom, planned: [steady], options: {}, signal }).then((all) => all.get(query))
  }
  const seed = (state: SchemaState) => state.jitter?.seed ?? 0

  it('is the share of the samples that flip the plan to quite another cost', async () => {
    expect(await score((state) => seed(state) <= 2)).toMatchObject({
      score: 0.25,
      where: 't: Seq Scan instead of Index Scan using i',
    })
    expect(await score(() => false)).toMatchObject({ score: 0, scoreBefore: null, where: '' })
  })

  it('tells whether it was so before the change', async () => {
    expect(await score((state) => state.analysed)).toMatchObject({ score: 1, scoreBefore: 0 })
    expect(await score(() => true)).toMatchObject({ score: 1, scoreBefore: 1 })
  })

  it('does not count another plan of about the same cost', async () => {
    expect((await score(() => true, planned(['generic', 0, 'Seq Scan', 5100])))?.score).toBe(0)
  })
})
