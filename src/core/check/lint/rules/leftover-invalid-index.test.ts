import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { leftoverInvalidIndex as rule } from './leftover-invalid-index.ts'

const withIndex = (valid: boolean) =>
  productionOf({
    schema: ['CREATE TABLE public.orders (id bigint)', 'CREATE UNIQUE INDEX i ON public.orders (id)'],
    tables: [{ name: 'orders', rows: 1_000_000 }],
    indexes: [{ name: 'i', table: 'orders', valid }],
  })

describe('leftover-invalid-index', () => {
  it('is an error where IF NOT EXISTS would keep an INVALID index of production', () => {
    const [finding] = flagged(rule, 'CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON orders (id)', {
      snapshot: withIndex(false),
    })
    expect(finding?.severity).toBe('error')
    expect(finding?.message).toContain('IF NOT EXISTS keeps it')
  })

  it('is an error where CREATE INDEX meets its name, or a constraint is to be made of it', () => {
    const snapshot = withIndex(false)
    expect(flagged(rule, 'CREATE INDEX CONCURRENTLY i ON orders (id)', { snapshot })[0]?.message).toContain(
      'the name is taken',
    )
    expect(flagged(rule, 'ALTER TABLE orders ADD CONSTRAINT u UNIQUE USING INDEX i', { snapshot })).toHaveLength(1)
  })

  it('is a note where nothing is known of production', () => {
    expect(flagged(rule, 'CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON orders (id)')[0]?.severity).toBe('note')
  })

  it('passes a valid index, and one that production does not have', () => {
    const sql = 'CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON orders (id)'
    expect(flagged(rule, sql, { snapshot: withIndex(true) })).toEqual([])
    expect(flagged(rule, sql.replace(' i ', ' j '), { snapshot: withIndex(true) })).toEqual([])
  })

  it('passes when the leftover is dropped or rebuilt before', () => {
    const create = 'CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON orders (id)'
    for (const before of ['DROP INDEX CONCURRENTLY IF EXISTS i', 'REINDEX INDEX CONCURRENTLY i'])
      expect(flagged(rule, `${before}; ${create}`)).toEqual([])
    expect(flagged(rule, `DROP INDEX CONCURRENTLY IF EXISTS i; ${create}`, { snapshot: withIndex(false) })).toEqual([])
  })

  it('passes new tables', () => {
    expect(flagged(rule, 'CREATE TABLE n (id int); CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON n (id)')).toEqual([])
  })
})
