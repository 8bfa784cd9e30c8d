import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PlanNode } from '../../postgres/plan-node.ts'
import { comparePlans } from './compare.ts'

const cost = fc.double({ min: 0, max: 1e7, noNaN: true })
const scan: fc.Arbitrary<PlanNode> = fc
  .record({
    type: fc.constantFrom('Seq Scan', 'Index Scan', 'Index Only Scan', 'Bitmap Heap Scan'),
    alias: fc.constantFrom('a', 'b', 'c', 'd', 'a_1', 'a_2'),
    relation: fc.constantFrom('t', 'u', 'v'),
    index: fc.constantFrom('i', 'j', 'k'),
    cost,
  })
  .map(({ type, alias, relation, index, cost: total }) => ({
    'Node Type': type,
    'Relation Name': relation,
    Alias: alias,
    ...(type === 'Index Scan' || type === 'Index Only Scan'
      ? { 'Index Name': index, 'Index Cond': `(${alias}.x = 1)` }
      : {}),
    'Total Cost': total,
    'Plan Rows': total,
    'Plan Width': 100,
  }))

const plan: fc.Arbitrary<PlanNode> = fc.letrec<{ node: PlanNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    scan,
    fc
      .record({
        type: fc.constantFrom('Hash Join', 'Nested Loop', 'Sort', 'Hash', 'Limit', 'Append', 'Gather', 'Aggregate'),
        children: fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
        cost,
      })
      .map(({ type, children, cost: total }) => ({
        'Node Type': type,
        ...(type === 'Sort' ? { 'Sort Key': ['a.x'] } : {}),
        ...(type === 'Aggregate' ? { Strategy: 'Hashed' } : {}),
        'Total Cost': total,
        'Plan Rows': total,
        'Plan Width': 40,
        Plans: children,
      })),
  ),
})).node

/** Every alias under another name, its qualified uses too. */
const renamed = (node: PlanNode): PlanNode =>
  JSON.parse(JSON.stringify(node).replace(/\b([a-d])(?=(_\d)?["\\.])/g, 'zz$1'))

describe('comparing any two plans', () => {
  it('finds nothing between a plan and itself', () => {
    fc.assert(
      fc.property(plan, (one) => {
        expect(comparePlans(one, one)).toMatchObject({ kind: 'none', verdict: 'neutral', changes: [] })
      }),
    )
  })

  it('calls better one way what it calls worse the other way', () => {
    const opposite = { worse: 'better', better: 'worse', neutral: 'neutral' }
    fc.assert(
      fc.property(plan, plan, (one, other) => {
        expect(comparePlans(other, one).verdict).toBe(opposite[comparePlans(one, other).verdict])
      }),
    )
  })

  it('does not mind what the aliases are', () => {
    fc.assert(
      fc.property(plan, plan, (one, other) => {
        const [plain, other2] = [comparePlans(one, other), comparePlans(renamed(one), renamed(other))]
        expect([other2.kind, other2.verdict, other2.changes.length]).toEqual([
          plain.kind,
          plain.verdict,
          plain.changes.length,
        ])
      }),
    )
  })

  it('survives trees that PostgreSQL would not write', () => {
    const broken = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.record(
        {
          'Node Type': fc.oneof(fc.string(), fc.constantFrom('Seq Scan', 'Append', 'Gather', 'Sort', 'Hash Join')),
          Alias: fc.string(),
          'Index Cond': fc.string(),
          'Relation Name': fc.string(),
          'Sort Key': fc.array(fc.string()),
          'Total Cost': fc.double(),
          'Plan Rows': fc.double(),
          Plans: fc.array(tie('node'), { maxLength: 2 }),
        },
        { requiredKeys: ['Node Type', 'Total Cost', 'Plan Rows'] },
      ),
    })).node
    fc.assert(
      fc.property(broken, broken, (one, other) => {
        expect(() => comparePlans(one as PlanNode, other as PlanNode)).not.toThrow()
      }),
    )
  })

  it('survives a plan deeper than any stack', () => {
    let deep: PlanNode = { 'Node Type': 'Seq Scan', 'Total Cost': 1, 'Plan Rows': 1 }
    for (let at = 0; at < 50_000; at++) deep = { 'Node Type': 'Limit', 'Total Cost': 1, 'Plan Rows': 1, Plans: [deep] }
    expect(comparePlans(deep, deep).kind).toBe('none')
  })
})
