import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { dropUsedView } from './drop-used-view.ts'

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

describe('drop-used-view', () => {
  it('flags a view that the workload reads', () => {
    const [finding] = flagged(dropUsedView, 'DROP VIEW public.open_payments', { snapshot: production })
    expect(finding?.severity).toBe('error')
    expect(finding?.message).toContain('SELECT count(*) FROM open_payments (6 calls a minute)')
  })

  it.each([
    ['a view that is made again', 'DROP VIEW open_payments; CREATE VIEW open_payments AS SELECT 1'],
    ['a view that nobody reads', 'DROP VIEW "Other"'],
    ['a view of the same file', 'CREATE VIEW v AS SELECT 1; DROP VIEW v'],
    ['a table', 'DROP TABLE customers'],
  ])('accepts %s', (_, sql) => {
    expect(flagged(dropUsedView, sql, { snapshot: production })).toEqual([])
  })

  it('says nothing without a snapshot', () => {
    expect(flagged(dropUsedView, 'DROP VIEW open_payments')).toEqual([])
  })
})
