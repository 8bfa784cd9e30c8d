import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { renameTable } from './rename-table.ts'

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
