import { describe, expect, it } from 'vitest'
import { PAYMENTS as production } from '../../../../../test/lint/payments.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { renameColumn } from './rename-column.ts'

describe('rename-column', () => {
  it.each([
    ['a column of an existing table', `ALTER TABLE payments RENAME COLUMN status TO state`],
    ['the same without the word COLUMN', `ALTER TABLE payments RENAME status TO state`],
    ['a quoted name in a schema', `ALTER TABLE "Sales"."Orders" RENAME COLUMN "Note" TO note`],
    ['a column of a view', `ALTER VIEW v RENAME COLUMN a TO b`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER TABLE payments RENAME COLUMN status TO state;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(renameColumn, sql)).toHaveLength(1)
  })

  it.each([
    ['a table that the same file creates', `CREATE TABLE t (a int); ALTER TABLE t RENAME a TO b`],
    ['a constraint', `ALTER TABLE payments RENAME CONSTRAINT a TO b`],
    ['an index', `ALTER INDEX a RENAME TO b`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(renameColumn, sql)).toEqual([])
  })

  it('is an error when the workload names the column', () => {
    const sql = 'ALTER TABLE customers RENAME COLUMN email TO mail'
    const [finding] = flagged(renameColumn, sql, { snapshot: production })
    expect(finding?.severity).toBe('error')
    expect(finding?.message).toContain('SELECT email FROM customers WHERE id = $1 (3 calls a minute)')
  })
})
