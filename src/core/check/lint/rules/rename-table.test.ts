import { describe, expect, it } from 'vitest'
import { PAYMENTS as production } from '../../../../../test/lint/payments.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { renameTable } from './rename-table.ts'

describe('rename-table', () => {
  it.each([
    ['an existing table', `ALTER TABLE payments RENAME TO payment`],
    ['a quoted name in a schema', `ALTER TABLE "Sales"."Orders" RENAME TO orders`],
    ['a table that moves to another schema', `ALTER TABLE payments SET SCHEMA billing`],
    ['a view', `ALTER VIEW v RENAME TO w`],
    [
      'a rename whose swap comes after the transaction',
      `BEGIN; ALTER TABLE payment RENAME TO payments; COMMIT; CREATE VIEW payment AS SELECT 1`,
    ],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER TABLE payments RENAME TO payment;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(renameTable, sql)).toHaveLength(1)
  })

  it.each([
    ['a table that the same file creates', `CREATE TABLE t (a int); ALTER TABLE t RENAME TO u`],
    [
      'a view that takes the old name in the same transaction',
      `BEGIN; ALTER TABLE payment RENAME TO payments; CREATE VIEW payment AS SELECT * FROM payments; COMMIT`,
    ],
    [
      'a swap of two tables',
      `BEGIN; CREATE TABLE p_new (id bigint); ALTER TABLE p RENAME TO p_old; ALTER TABLE p_new RENAME TO p; COMMIT`,
    ],
    ['an index', `ALTER INDEX a RENAME TO b`],
    ['a sequence', `ALTER SEQUENCE a RENAME TO b`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(renameTable, sql)).toEqual([])
  })

  it('is an error when the workload uses the table', () => {
    const [finding] = flagged(renameTable, 'ALTER TABLE customers RENAME TO clients', { snapshot: production })
    expect(finding?.severity).toBe('error')
  })
})
