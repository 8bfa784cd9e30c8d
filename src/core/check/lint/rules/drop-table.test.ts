import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { dropTable } from './drop-table.ts'

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

describe('drop-table', () => {
  it.each([
    ['an existing table', `DROP TABLE payments`],
    ['a quoted name in a schema', `DROP TABLE IF EXISTS "Sales"."Orders" CASCADE`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  DROP TABLE payments;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(dropTable, sql)).toHaveLength(1)
  })

  it.each([
    ['a table that the same file creates', `CREATE TABLE t (a int); DROP TABLE t`],
    ['a view', `DROP VIEW v`],
    ['an index', `DROP INDEX i`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(dropTable, sql)).toEqual([])
  })

  it('is an error when the workload uses the table', () => {
    const [finding] = flagged(dropTable, 'DROP TABLE customers', { snapshot: production })
    expect(finding?.severity).toBe('error')
    expect(finding?.message).toContain('SELECT email FROM customers')
  })

  it('names the tables that lose their foreign keys by CASCADE', () => {
    const [finding] = flagged(dropTable, 'DROP TABLE customers CASCADE', { snapshot: production })
    expect(finding?.message).toContain('foreign keys of payments')
  })

  it('reports each table of a list', () => {
    expect(flagged(dropTable, 'DROP TABLE a, b.c')).toHaveLength(2)
  })

  it('says nothing of IF EXISTS on a table that production does not have', () => {
    expect(flagged(dropTable, 'DROP TABLE IF EXISTS never_there', { snapshot: production })).toEqual([])
  })
})
