import { describe, expect, it } from 'vitest'
import { PAYMENTS as production } from '../../../../../test/lint/payments.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { dropColumn } from './drop-column.ts'

describe('drop-column', () => {
  it.each([
    ['a column of an existing table', `ALTER TABLE payments DROP COLUMN note`],
    ['each of several columns, here the second', `ALTER TABLE payments ADD COLUMN a int, DROP COLUMN note`],
    ['a quoted name in a schema', `ALTER TABLE "Sales"."Orders" DROP COLUMN IF EXISTS "Note" CASCADE`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER TABLE payments DROP COLUMN note;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(dropColumn, sql)).toHaveLength(1)
  })

  it.each([
    ['a table that the same file creates', `CREATE TABLE t (a int, b int); ALTER TABLE t DROP COLUMN b`],
    ['an attribute of a composite type', `ALTER TYPE address DROP ATTRIBUTE street`],
    ['a constraint that is dropped', `ALTER TABLE payments DROP CONSTRAINT c`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(dropColumn, sql)).toEqual([])
  })

  it('is an error when the workload names the column, and tells the query, its calls and the lost indexes', () => {
    const [finding] = flagged(dropColumn, 'ALTER TABLE payments DROP COLUMN status', { snapshot: production })
    expect(finding?.severity).toBe('error')
    expect(finding?.message).toContain(
      'SELECT id FROM payments WHERE status = $1 (1,240 calls a minute) and 1 other query',
    )
    expect(finding?.message).toContain('payments_status_idx, payments_status_id_idx')
  })

  it('is an error on a small table too when a query names the column', () => {
    const [finding] = flagged(dropColumn, 'ALTER TABLE customers DROP COLUMN email', { snapshot: production })
    expect(finding?.severity).toBe('error')
  })

  it('is no error when no query names the column', () => {
    const [finding] = flagged(dropColumn, 'ALTER TABLE payments DROP COLUMN note', { snapshot: production })
    expect(finding?.severity).toBe('warning')
  })

  it('says nothing of IF EXISTS on what production does not have', () => {
    const gone = 'ALTER TABLE payments DROP COLUMN IF EXISTS never_there'
    expect(flagged(dropColumn, gone, { snapshot: production })).toEqual([])
  })
})
