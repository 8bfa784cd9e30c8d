import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { unbatchedWrite } from './unbatched-write.ts'

const production = productionOf({
  schema: [
    'CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL)',
    'CREATE TABLE payments (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers (id), status text NOT NULL, note text)',
    'CREATE TABLE refunds (id bigint PRIMARY KEY, payment_id bigint REFERENCES payments (id))',
    'CREATE INDEX payments_status_idx ON payments (status)',
    'CREATE INDEX payments_status_id_idx ON payments (status, id)',
    'CREATE INDEX payments_note_idx ON payments (note)',
    'CREATE INDEX refunds_payment_id_idx ON refunds (payment_id)',
    'CREATE VIEW open_payments AS SELECT * FROM payments',
  ],
  tables: [
    { name: 'customers', rows: 200 },
    { name: 'payments', rows: 50_000_000 },
    { name: 'refunds', rows: 90_000 },
  ],
  indexes: [
    { name: 'payments_status_idx', table: 'payments', scans: 4210 },
    { name: 'payments_note_idx', table: 'payments', scans: 0 },
    { name: 'refunds_payment_id_idx', table: 'refunds', scans: 12 },
  ],
  workload: {
    'SELECT id FROM payments WHERE status = $1': 1240,
    'UPDATE payments SET status = $1 WHERE id = $2': 300,
    'SELECT count(*) FROM open_payments': 6,
    'SELECT email FROM customers WHERE id = $1': 3,
  },
})

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
