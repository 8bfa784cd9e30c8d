import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { backfillWithSchemaChange } from './backfill-with-schema-change.ts'

describe('backfill-with-schema-change', () => {
  it.each([
    [
      'UPDATE behind ALTER TABLE',
      `ALTER TABLE payments ADD COLUMN region text; UPDATE payments SET region = 'eu' WHERE country = 'DE'`,
    ],
    [
      'a transaction of its own',
      `BEGIN; ALTER TABLE payments ADD COLUMN region text; UPDATE payments SET region = 'eu'; COMMIT`,
    ],
    [
      'rows copied from one table to another',
      `ALTER TABLE payments ADD COLUMN a int; INSERT INTO archive SELECT * FROM payments`,
    ],
    ['a quoted name in a schema', `ALTER TABLE "Sales"."Orders" ADD a int; DELETE FROM "Sales"."Orders" WHERE a = 1`],
    [
      'statements within a DO block',
      `DO $$ BEGIN
  ALTER TABLE payments ADD a int;
  UPDATE payments SET a = 1;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(backfillWithSchemaChange, sql)).toHaveLength(1)
  })

  it.each([
    [
      'one after the other, outside a transaction',
      `BEGIN; ALTER TABLE payments ADD COLUMN region text; COMMIT; UPDATE payments SET region = 'eu'`,
    ],
    [
      'a row picked by its key',
      `ALTER TABLE payments ADD COLUMN region text; UPDATE payments SET region = 'eu' WHERE id = 5`,
    ],
    ['rows for a new table', `CREATE TABLE t (a int); INSERT INTO t SELECT 1; UPDATE t SET a = 2`],
    ['constants that are inserted', `ALTER TABLE plans ADD COLUMN region text; INSERT INTO plans (name) VALUES ('x')`],
    ['data only', `UPDATE payments SET region = 'eu' WHERE country = 'DE'`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(backfillWithSchemaChange, sql)).toEqual([])
  })

  it('is reported once a transaction, with the line that took the lock', () => {
    const sql = 'SELECT 1;\nALTER TABLE payments ADD a int;\nUPDATE payments SET a = 1;\nUPDATE payments SET a = 2;'
    const findings = flagged(backfillWithSchemaChange, sql)
    expect(findings).toHaveLength(1)
    expect(findings[0]?.line).toBe(3)
    expect(findings[0]?.message).toContain('line 2')
  })
})
