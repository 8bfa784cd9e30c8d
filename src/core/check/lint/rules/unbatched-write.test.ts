import { describe, expect, it } from 'vitest'
import { PAYMENTS as production } from '../../../../../test/lint/payments.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { unbatchedWrite } from './unbatched-write.ts'

describe('unbatched-write', () => {
  it.each([
    ['UPDATE of all rows', `UPDATE payments SET region = 'eu'`],
    ['DELETE of all rows', `DELETE FROM payments`],
    [
      'the rows in which a new column is empty',
      `ALTER TABLE payments ADD COLUMN region text; UPDATE payments SET region = 'eu' WHERE region IS NULL`,
    ],
    ['WHERE true', `UPDATE payments SET region = 'eu' WHERE true`],
    ['a quoted name in a schema', `DELETE FROM "Sales"."Orders"`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  UPDATE payments SET region = 'eu';
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(unbatchedWrite, sql)).toHaveLength(1)
  })

  it.each([
    [
      'a batch',
      `UPDATE payments SET region = 'eu' WHERE id IN (SELECT id FROM payments WHERE region IS NULL LIMIT 1000)`,
    ],
    ['a condition', `UPDATE payments SET region = 'eu' WHERE country = 'DE'`],
    ['a table that the same file creates', `CREATE TABLE t (a int); UPDATE t SET a = 1`],
    ['INSERT', `INSERT INTO payments (id) VALUES (1)`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(unbatchedWrite, sql)).toEqual([])
  })

  it('is a note on a small table, and a warning on a large one', () => {
    const on = (table: string) => flagged(unbatchedWrite, `DELETE FROM ${table}`, { snapshot: production })[0]?.severity
    expect(on('customers')).toBe('note')
    expect(on('payments')).toBe('warning')
  })
})
