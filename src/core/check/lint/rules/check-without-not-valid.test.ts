import { describe, expect, it } from 'vitest'
import { flagged, lintWith } from '../../../../../test/lint/rule-testing.ts'
import { checkWithoutNotValid as rule } from './check-without-not-valid.ts'

describe('check-without-not-valid', () => {
  it('flags a CHECK that is tested on every row', () => {
    const [finding] = flagged(rule, 'ALTER TABLE shop.orders ADD CONSTRAINT positive CHECK (total > 0)')
    expect(finding?.message).toContain('CHECK positive on shop.orders')
    expect(flagged(rule, 'ALTER TABLE IF EXISTS "O" ADD CHECK (a > 0), DROP COLUMN b')).toHaveLength(1)
  })

  it('flags a CHECK behind a new column, which is tested as well', () => {
    expect(flagged(rule, 'ALTER TABLE orders ADD COLUMN a int CHECK (a > 0)')[0]?.message).toContain('new column a')
  })

  it('passes NOT VALID, NOT ENFORCED, VALIDATE and new tables', () => {
    expect(flagged(rule, 'ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0) NOT VALID')).toEqual([])
    expect(flagged(rule, 'ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0) NOT ENFORCED')).toEqual([])
    expect(flagged(rule, 'ALTER TABLE orders VALIDATE CONSTRAINT c')).toEqual([])
    expect(flagged(rule, 'CREATE TABLE n (a int); ALTER TABLE n ADD CHECK (a > 0)')).toEqual([])
  })

  it('is fixed in two statements, outside a transaction only', () => {
    const sql = 'ALTER TABLE orders ADD CONSTRAINT "C" CHECK (a > 0)'
    expect(lintWith([rule], `VACUUM t; ${sql}`).fixes[0]?.edits[0]?.insert).toContain('VALIDATE CONSTRAINT "C"')
    expect(lintWith([rule], `BEGIN; ${sql}; COMMIT`).fixes).toEqual([])
  })
})
