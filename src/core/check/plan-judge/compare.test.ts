import { describe, expect, it } from 'vitest'
import type { PlanNode } from '../../postgres/plan-node.ts'
import { comparePlans } from './compare.ts'

const scan = (type: string, cost: number, more: Partial<PlanNode> = {}): PlanNode => ({
  'Node Type': type,
  'Relation Name': 'payments',
  Alias: 'p',
  'Total Cost': cost,
  'Plan Rows': 100,
  'Plan Width': 100,
  ...more,
})
const byIndex = (name: string, cost: number, more: Partial<PlanNode> = {}) =>
  scan('Index Scan', cost, { 'Index Name': name, 'Index Cond': '(p.status = 1)', ...more })
const above = (type: string, cost: number, more: Partial<PlanNode>): PlanNode => ({
  'Node Type': type,
  'Total Cost': cost,
  'Plan Rows': 100,
  'Plan Width': 100,
  ...more,
})

describe('an access', () => {
  it.each([
    ['index-to-seq-scan', byIndex('i', 10), scan('Seq Scan', 900)],
    [
      'index-only-to-index',
      scan('Index Only Scan', 10, { 'Index Name': 'i' }),
      scan('Index Scan', 900, { 'Index Name': 'i' }),
    ],
    ['index-changed', byIndex('i', 10), byIndex('j', 900)],
    ['index-changed', byIndex('i', 10), byIndex('i', 900, { 'Index Cond': '(p.other = 1)' })],
    [
      'access-changed',
      byIndex('i', 10),
      above('Bitmap Heap Scan', 900, {
        Plans: [
          {
            'Node Type': 'Bitmap Index Scan',
            'Index Name': 'i',
            'Index Cond': '(p.status = 1)',
            'Total Cost': 5,
            'Plan Rows': 1,
          },
        ],
        'Relation Name': 'payments',
        Alias: 'p',
      }),
    ],
    ['cost-only', scan('Seq Scan', 10), scan('Seq Scan', 900)],
    ['improved', scan('Seq Scan', 900), byIndex('i', 10)],
  ])('is %s', (kind, before, after) => {
    expect(comparePlans(before, after).kind).toBe(kind)
  })

  it('of a table that a query uses twice is compared use by use', () => {
    const join = (a: PlanNode, b: PlanNode) =>
      above('Nested Loop', a['Total Cost'] + b['Total Cost'], { Plans: [a, b] })
    const before = join(byIndex('i', 10, { Alias: 'a' }), byIndex('i', 10, { Alias: 'b' }))
    const after = join(byIndex('i', 10, { Alias: 'a' }), scan('Seq Scan', 900, { Alias: 'b' }))
    expect(comparePlans(before, after).changes.map((one) => [one.kind, one.where])).toEqual([
      ['index-to-seq-scan', 'b'],
    ])
  })

  it('by an index that was only renamed is the same, whatever the names', () => {
    const keys = {
      before: (name: string) => name.replace('old', 'x'),
      after: (name: string) => name.replace('new', 'x'),
    }
    expect(comparePlans(byIndex('old', 10), byIndex('new', 10), { indexKeys: keys }).kind).toBe('none')
    expect(comparePlans(byIndex('old', 10), byIndex('new', 10)).kind).toBe('index-changed')
  })

  it('of partitions is one change, whichever numbers their aliases have', () => {
    const parts = (make: (relation: string, alias: string) => PlanNode, cost: number) =>
      above('Append', cost, { Plans: [make('payments_1', 'p_1'), make('payments_2', 'p_2')] })
    const before = parts((relation, alias) => byIndex('i', 10, { 'Relation Name': relation, Alias: alias }), 20)
    const after = parts((relation, alias) => scan('Seq Scan', 900, { 'Relation Name': relation, Alias: alias }), 1800)
    expect(comparePlans(before, after).changes).toEqual([
      { kind: 'index-to-seq-scan', where: 'p', what: 'Seq Scan instead of Index Scan using i' },
    ])
  })
})

describe('a regression', () => {
  it.each([
    ['a tie of another plan', [byIndex('i', 1000), byIndex('j', 1005)], 'neutral'],
    ['another plan, 9 % dearer', [byIndex('i', 1000), byIndex('j', 1090)], 'neutral'],
    ['another plan, 11 % dearer', [byIndex('i', 1000), byIndex('j', 1110)], 'worse'],
    ['the same plan, 90 % dearer', [byIndex('i', 1000), byIndex('i', 1900)], 'neutral'],
    ['the same plan, twice as dear', [byIndex('i', 1000), byIndex('i', 2000)], 'worse'],
    ['another plan, four times as dear, and cheap', [byIndex('i', 8), scan('Seq Scan', 32)], 'neutral'],
  ] as const)('%s', (_what, [before, after], verdict) => {
    expect(comparePlans(before, after).verdict).toBe(verdict)
  })
})

describe('what stands above the tables', () => {
  const leaf = scan('Seq Scan', 100)
  const sort = (rows: number, child = leaf) =>
    above('Sort', 200, { Plans: [child], 'Sort Key': ['p.a'], 'Plan Rows': rows })

  it('is a sort that came', () => {
    expect(comparePlans(above('Limit', 101, { Plans: [leaf] }), above('Limit', 900, { Plans: [sort(10)] })).kind).toBe(
      'sort-added',
    )
  })

  it('is a sort that no longer fits its memory; below LIMIT it keeps few rows', () => {
    expect(comparePlans(sort(1000), sort(1_000_000)).changes[0]).toMatchObject({ kind: 'spill-added', where: 'p' })
    const limited = (rows: number) => above('Limit', 300, { Plans: [sort(rows)], 'Plan Rows': 50 })
    expect(comparePlans(limited(1000), limited(1_000_000)).changes).toEqual([])
    const memory = { sortBytes: 1e9, hashBytes: 1e9 }
    expect(comparePlans(sort(1000), sort(1_000_000), { memory }).changes).toEqual([])
  })

  it('is another join', () => {
    const other = scan('Seq Scan', 100, { Alias: 'c', 'Relation Name': 'customers' })
    const join = (type: string, cost: number) => above(type, cost, { Plans: [leaf, other], 'Join Type': 'Inner' })
    expect(comparePlans(join('Hash Join', 300), join('Nested Loop', 9000)).changes).toEqual([
      { kind: 'join-changed', where: 'c, p', what: 'Nested Loop Inner instead of Hash Join Inner' },
    ])
  })

  it('is levelled for parallel plans, whose workers are a change of their own', () => {
    const serial = above('Aggregate', 500, { Plans: [leaf], Strategy: 'Plain' })
    const partial = above('Aggregate', 190, {
      Plans: [{ ...leaf, 'Parallel Aware': true }],
      Strategy: 'Plain',
      'Partial Mode': 'Partial',
    })
    const parallel = above('Aggregate', 490, {
      Plans: [above('Gather', 480, { Plans: [partial], 'Workers Planned': 2 })],
      Strategy: 'Plain',
      'Partial Mode': 'Finalize',
    })
    expect(comparePlans(serial, parallel).changes).toEqual([
      { kind: 'parallel-changed', where: '', what: '2 parallel workers instead of 0' },
    ])
  })
})
