import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { dropIndexWithoutConcurrently as rule } from './drop-index-without-concurrently.ts'

const SNAPSHOT = productionOf({
  schema: ['CREATE TABLE public.orders (id bigint)', 'CREATE INDEX orders_idx ON public.orders (id)'],
  tables: [{ name: 'orders', rows: 50_000_000 }],
  indexes: [{ name: 'orders_idx', table: 'orders' }],
})

describe('drop-index-without-concurrently', () => {
  it('flags each index, and names the table when it is known', () => {
    expect(flagged(rule, 'DROP INDEX a, shop.b')).toHaveLength(2)
    expect(flagged(rule, 'DROP INDEX orders_idx', { snapshot: SNAPSHOT })[0]?.message).toContain(
      'Index orders_idx on orders',
    )
  })

  it('flags IF EXISTS, quoted names and DO blocks', () => {
    expect(flagged(rule, 'DROP INDEX IF EXISTS "Idx"')[0]?.message).toContain('"Idx"')
    expect(flagged(rule, 'DO $$ BEGIN DROP INDEX a; END $$')).toHaveLength(1)
  })

  it('passes CONCURRENTLY, other DROPs and indexes that the same change made', () => {
    expect(flagged(rule, 'DROP INDEX CONCURRENTLY a')).toEqual([])
    expect(flagged(rule, 'DROP TABLE a')).toEqual([])
    expect(flagged(rule, 'CREATE INDEX CONCURRENTLY a ON orders (id); DROP INDEX a')).toEqual([])
    expect(flagged(rule, 'CREATE TABLE n (id int); CREATE INDEX a ON n (id); DROP INDEX a')).toEqual([])
  })

  it('passes IF EXISTS of an index that production does not have', () => {
    expect(flagged(rule, 'DROP INDEX IF EXISTS gone', { snapshot: SNAPSHOT })).toEqual([])
  })
})
