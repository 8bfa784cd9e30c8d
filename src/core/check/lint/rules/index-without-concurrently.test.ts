import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { indexWithoutConcurrently as rule } from './index-without-concurrently.ts'

const LARGE = productionOf({
  schema: ['CREATE TABLE public.orders (id bigint, customer_id bigint)'],
  tables: [{ name: 'orders', rows: 50_000_000 }],
})
const SMALL = productionOf({
  schema: ['CREATE TABLE public.orders (id bigint, customer_id bigint)'],
  tables: [{ name: 'orders', rows: 100 }],
})

describe('index-without-concurrently', () => {
  it('flags an index that is built while writes wait, and names index and table', () => {
    const [finding] = flagged(rule, 'CREATE INDEX orders_customer_idx ON orders (customer_id)')
    expect(finding?.message).toContain('Index orders_customer_idx on orders is built without CONCURRENTLY')
    expect(finding?.message).toContain('SHARE')
  })

  it('flags unique indexes, schemas, quoted names and indexes without a name', () => {
    expect(flagged(rule, 'CREATE UNIQUE INDEX i ON shop.orders (id)')[0]?.message).toContain('shop.orders')
    expect(flagged(rule, 'CREATE INDEX ON "Orders" (id)')[0]?.message).toContain('An index on "Orders"')
  })

  it('follows the size of the table', () => {
    const sql = 'CREATE INDEX i ON orders (customer_id)'
    expect(flagged(rule, sql, { snapshot: LARGE })[0]?.severity).toBe('error')
    expect(flagged(rule, sql, { snapshot: SMALL })[0]?.severity).toBe('note')
  })

  it('sees an index in a DO block', () => {
    expect(flagged(rule, 'DO $$ BEGIN CREATE INDEX i ON orders (id); END $$')).toHaveLength(1)
  })

  it('says how it is done for a partitioned table', () => {
    const sql = 'CREATE TABLE e1 PARTITION OF events FOR VALUES IN (1); CREATE INDEX i ON events (kind)'
    expect(flagged(rule, sql)[0]?.remedy).toContain('ATTACH PARTITION')
  })

  it('passes CONCURRENTLY, and ON ONLY a partitioned table', () => {
    expect(flagged(rule, 'CREATE INDEX CONCURRENTLY i ON orders (id)')).toEqual([])
    const sql = 'CREATE TABLE e1 PARTITION OF events FOR VALUES IN (1); CREATE INDEX i ON ONLY events (kind)'
    expect(flagged(rule, sql)).toEqual([])
  })

  it('passes a table that the same change created, inside and outside a transaction', () => {
    expect(flagged(rule, 'CREATE TABLE a (id int); CREATE INDEX i ON a (id)')).toEqual([])
    expect(flagged(rule, 'BEGIN; CREATE TABLE a (id int); COMMIT; CREATE INDEX i ON a (id)')).toEqual([])
    expect(flagged(rule, 'CREATE TABLE a AS SELECT 1 AS id; CREATE INDEX i ON a (id)')).toEqual([])
  })

  it('passes IF NOT EXISTS of an index that production has', () => {
    const snapshot = productionOf({
      schema: ['CREATE TABLE public.orders (id bigint)', 'CREATE INDEX i ON public.orders (id)'],
      tables: [{ name: 'orders', rows: 1_000_000 }],
      indexes: [{ name: 'i', table: 'orders' }],
    })
    expect(flagged(rule, 'CREATE INDEX IF NOT EXISTS i ON orders (id)', { snapshot })).toEqual([])
  })
})
