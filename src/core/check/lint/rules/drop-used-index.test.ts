import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { dropUsedIndex } from './drop-used-index.ts'

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

describe('drop-used-index', () => {
  it('flags an index that production uses, with its scans and a query', () => {
    const snapshot = productionOf({
      schema: ['CREATE TABLE p (id bigint, status text)', 'CREATE INDEX p_status_idx ON p (status)'],
      tables: [{ name: 'p', rows: 50_000_000 }],
      indexes: [{ name: 'p_status_idx', table: 'p', scans: 4210 }],
      workload: { 'SELECT id FROM p WHERE status = $1': 1240 },
    })
    const [finding] = flagged(dropUsedIndex, 'DROP INDEX CONCURRENTLY public.p_status_idx', { snapshot })
    expect(finding?.severity).toBe('warning')
    expect(finding?.message).toContain('used it 4,210 times')
    expect(finding?.message).toContain('SELECT id FROM p WHERE status = $1 (1,240 calls a minute)')
    expect(finding?.remedy).toContain('premortem check compares')
  })

  it('flags an index that was scanned though no known query names its column', () => {
    const findings = flagged(dropUsedIndex, 'DROP INDEX refunds_payment_id_idx', { snapshot: production })
    expect(findings).toHaveLength(1)
  })

  it('is a note when another index begins with the same columns', () => {
    const [finding] = flagged(dropUsedIndex, 'DROP INDEX payments_status_idx', { snapshot: production })
    expect(finding?.severity).toBe('note')
    expect(finding?.message).toContain('payments_status_id_idx')
  })

  it('lets no index stand in for one whose columns are not known', () => {
    const snapshot = productionOf({
      tables: [{ name: 'p', rows: 50_000_000 }],
      indexes: [
        { name: 'p_created_at_idx', table: 'p', scans: 4210 },
        { name: 'p_customer_id_idx', table: 'p', scans: 10 },
      ],
    })
    const [finding] = flagged(dropUsedIndex, 'DROP INDEX p_created_at_idx', { snapshot })
    expect(finding?.severity).toBe('warning')
    expect(finding?.message).not.toContain('stand in')
  })

  it('flags a unique index, used or not: it keeps values unique', () => {
    const snapshot = productionOf({
      schema: ['CREATE TABLE p (email text)', 'CREATE UNIQUE INDEX p_email_idx ON p (email)'],
      tables: [{ name: 'p', rows: 1000 }],
      indexes: [{ name: 'p_email_idx', table: 'p', scans: 0 }],
    })
    expect(flagged(dropUsedIndex, 'DROP INDEX p_email_idx', { snapshot })[0]?.message).toContain('unique')
  })

  it('sees a DROP INDEX within a DO block', () => {
    const sql = 'DO $$ BEGIN\n  DROP INDEX refunds_payment_id_idx;\nEND $$'
    expect(flagged(dropUsedIndex, sql, { snapshot: production })).toHaveLength(1)
  })

  it('accepts an index that nothing uses, a new one, and any without a snapshot', () => {
    expect(flagged(dropUsedIndex, 'DROP INDEX payments_note_idx', { snapshot: production })).toEqual([])
    const made = 'CREATE INDEX i ON payments (status); DROP INDEX i'
    expect(flagged(dropUsedIndex, made, { snapshot: production })).toEqual([])
    expect(flagged(dropUsedIndex, 'DROP INDEX payments_status_idx')).toEqual([])
  })
})
