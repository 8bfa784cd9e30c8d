import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { renameColumn } from './rename-column.ts'

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
