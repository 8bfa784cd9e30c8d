import { describe, expect, it } from 'vitest'
import { PAYMENTS as production } from '../../../../../test/lint/payments.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { truncateCascade } from './truncate-cascade.ts'

describe('truncate-cascade', () => {
  it.each([
    ['an existing table', `TRUNCATE payments CASCADE`],
    ['a quoted name in a schema', `TRUNCATE TABLE "Sales"."Orders" RESTART IDENTITY CASCADE`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  TRUNCATE payments CASCADE;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(truncateCascade, sql)).toHaveLength(1)
  })

  it.each([
    ['TRUNCATE without CASCADE', `TRUNCATE payments, refunds`],
    ['a table of the same transaction', `CREATE TABLE t (a int); TRUNCATE t CASCADE`],
    ['DELETE', `DELETE FROM payments WHERE id = 1`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(truncateCascade, sql)).toEqual([])
  })

  it('lists every table that is emptied too, also those that point to those', () => {
    const [finding] = flagged(truncateCascade, 'TRUNCATE customers CASCADE', { snapshot: production })
    expect(finding?.message).toContain('public.payments, public.refunds')
    expect(finding?.severity).toBe('error')
  })
})
