import { describe, expect, it } from 'vitest'
import { PENDING_PLAN } from '../../../../test/core/plans.ts'
import { renderPlan } from '../../postgres/plan.ts'
import type { PlanNode } from '../../postgres/plan-node.ts'
import { alignPlans } from './side-by-side.ts'

const scan = (using: string, alias: string, cost: number): PlanNode => ({
  'Node Type': using.split(':')[0] ?? '',
  'Relation Name': 'payments',
  Alias: alias,
  'Total Cost': cost,
  'Plan Rows': 10,
  ...(using.includes(':') ? { 'Index Name': using.split(':')[1] } : {}),
})
const above = (type: string, cost: number, ...Plans: readonly PlanNode[]): PlanNode => ({
  'Node Type': type,
  'Total Cost': cost,
  'Plan Rows': 10,
  Plans,
})

describe('two plans side by side', () => {
  it('are one row a node, all the same, when they are one plan', () => {
    const rows = alignPlans(PENDING_PLAN, PENDING_PLAN)
    expect(rows.map((row) => row.mark)).toEqual(['same', 'same', 'same', 'same', 'same'])
    expect(rows.map((row) => row.before)).toEqual(renderPlan(PENDING_PLAN))
  })

  it('put the scan of a table beside the other scan of it, and mark the sort that came', () => {
    const before = above('Limit', 20, scan('Index Scan:p_created', 'p', 20))
    const after = above('Limit', 9000, above('Sort', 9000, scan('Seq Scan', 'p', 8000)))
    expect(
      alignPlans(before, after).map((row) => [
        row.mark,
        row.before?.trim().split('  ')[0],
        row.after?.trim().split('  ')[0],
      ]),
    ).toEqual([
      ['same', 'Limit', 'Limit'],
      ['added', undefined, 'Sort'],
      ['changed', 'Index Scan using p_created on payments p', 'Seq Scan on payments p'],
    ])
  })

  it('keep two uses of a table apart by alias', () => {
    const before = above('Nested Loop', 40, scan('Index Scan:i', 'a', 20), scan('Seq Scan', 'b', 20))
    const after = above('Nested Loop', 40, scan('Index Scan:i', 'a', 20), scan('Index Scan:j', 'b', 20))
    expect(alignPlans(before, after).map((row) => row.mark)).toEqual(['same', 'same', 'changed'])
  })

  it('mark a node that is the same and costs at least twice as much by itself', () => {
    const [before, after] = [scan('Seq Scan', 'p', 100), scan('Seq Scan', 'p', 1000)]
    expect(alignPlans(above('Limit', 101, before), above('Limit', 1001, after)).map((row) => row.mark)).toEqual([
      'same',
      'changed',
    ])
  })

  it('lose no line of either plan', () => {
    const other = above('Aggregate', 5, scan('Seq Scan', 'x', 4), scan('Seq Scan', 'y', 4))
    const rows = alignPlans(PENDING_PLAN, other)
    expect(rows.flatMap((row) => row.before ?? [])).toEqual(renderPlan(PENDING_PLAN))
    expect(rows.flatMap((row) => row.after ?? [])).toEqual(renderPlan(other))
  })
})
