import { describe, expect, it } from 'vitest'
import type { PlanReport } from '../result.ts'
import { compareReleases } from './compare.ts'

const plan = { 'Node Type': 'Seq Scan', 'Total Cost': 1, 'Plan Rows': 1 }
const report = (name: string | null, fingerprint: string, cost: { before: number; after: number }): PlanReport => ({
  query: 'SELECT 1',
  name,
  fingerprint,
  callsPerMinute: 480,
  change: 'none',
  regressed: false,
  costBefore: cost.before,
  costAfter: cost.after,
  variant: 'generic',
  values: [],
  weightedCostBefore: null,
  weightedCostAfter: null,
  estimatedMs: null,
  holds: 'always',
  blamedOn: null,
  fragility: null,
  planBefore: plan,
  planAfter: plan,
  advice: null,
  remarks: [],
  message: '',
})
const placeOf = () => ({ file: 'releases/2.3.1/queries.sql', line: 3 })
const compare = (old: PlanReport, next: PlanReport) => compareReleases({ old: [old], new: [next] }, placeOf)

describe('a query of the same name in two releases', () => {
  it('is told when it costs more than twice as much, with both costs and where it stands', () => {
    const [found] = compare(
      report('ListPending', 'a', { before: 120, after: 130 }),
      report('ListPending', 'b', { before: 9000, after: 84_000 }),
    )
    expect(found).toMatchObject({
      rule: 'query-costlier',
      severity: 'warning',
      file: 'releases/2.3.1/queries.sql',
      line: 3,
    })
    expect(found?.message).toContain('×700')
    expect(found?.message).toContain('480')
  })

  it('is not told when it is the same query: its plan is compared by itself', () => {
    const old = report('ListPending', 'a', { before: 120, after: 84_000 })
    expect(compare(old, old)).toEqual([])
  })

  it('is not told when it costs little more, or little at all', () => {
    const old = report('ListPending', 'a', { before: 1000, after: 1000 })
    expect(compare(old, report('ListPending', 'b', { before: 0, after: 1900 }))).toEqual([])
    const cheap = report('ListPending', 'a', { before: 8, after: 8 })
    expect(compare(cheap, report('ListPending', 'b', { before: 0, after: 90 }))).toEqual([])
  })

  it('needs a name', () => {
    expect(compare(report(null, 'a', { before: 1, after: 1 }), report(null, 'b', { before: 1, after: 1e6 }))).toEqual(
      [],
    )
  })
})
