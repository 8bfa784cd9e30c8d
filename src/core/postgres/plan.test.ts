import { describe, expect, it } from 'vitest'
import { PENDING_PLAN } from '../../../test/core/plans.ts'
import { renderPlan, sequentialScans, unwrapped } from './plan.ts'

describe('a plan in lines', () => {
  it('has one a node, indented, with the table, the numbers and the conditions', () => {
    expect(renderPlan(PENDING_PLAN)).toEqual([
      'Sort  (rows=9703 cost=61204)  sort key: pt.created_at DESC',
      '  Hash Join  (rows=9703 cost=58770)  hash cond: pt.customer_id = cd.id',
      "    Seq Scan on payment_transactions pt  (rows=9703 cost=41667)  filter: status = 'pending'",
      '    Hash  (rows=200000 cost=4500)',
      '      Seq Scan on customer_data cd  (rows=200000 cost=4500)',
    ])
  })
})

describe('scans of whole tables', () => {
  it('come with the columns that an index could serve, costliest first', () => {
    const [payments, customers, ...more] = sequentialScans(PENDING_PLAN)
    expect(more).toEqual([])
    expect(payments).toMatchObject({
      table: 'payment_transactions',
      filter: "status = 'pending'",
      filterColumns: ['status'],
      sortKeys: ['pt.created_at DESC'],
      sortColumns: ['created_at'],
      joinColumns: ['customer_id'],
    })
    expect(customers).toMatchObject({ table: 'customer_data', filter: null, sortColumns: [], joinColumns: ['id'] })
  })

  it('take an unqualified sort key for their own only when nothing is joined', () => {
    const scan = { 'Node Type': 'Seq Scan', 'Relation Name': 't', 'Total Cost': 9, 'Plan Rows': 1 }
    const sort = { 'Node Type': 'Sort', 'Sort Key': ['created_at'], 'Total Cost': 10, 'Plan Rows': 1 }
    expect(sequentialScans({ ...sort, Plans: [scan] })[0]?.sortColumns).toEqual(['created_at'])
    expect(sequentialScans({ ...sort, Plans: [scan, scan] })[0]?.sortColumns).toEqual([])
  })
})

describe('a condition', () => {
  it('loses its outer parentheses only when they are a pair', () => {
    expect(unwrapped("(status = 'a'::text)")).toBe("status = 'a'")
    expect(unwrapped('(a = 1) AND (b = 2)')).toBe('(a = 1) AND (b = 2)')
  })
})
