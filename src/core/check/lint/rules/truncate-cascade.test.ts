import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { truncateCascade } from './truncate-cascade.ts'

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
