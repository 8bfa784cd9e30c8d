import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { dropNotNull } from './drop-not-null.ts'

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

describe('drop-not-null', () => {
  it.each([
    ['a column of an existing table', `ALTER TABLE payments ALTER COLUMN status DROP NOT NULL`],
    ['a quoted name in a schema', `ALTER TABLE "Sales"."Orders" ALTER "Note" DROP NOT NULL`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER TABLE payments ALTER COLUMN status DROP NOT NULL;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(dropNotNull, sql)).toHaveLength(1)
  })

  it.each([
    ['a table that the same file creates', `CREATE TABLE t (a int NOT NULL); ALTER TABLE t ALTER a DROP NOT NULL`],
    ['SET NOT NULL', `ALTER TABLE payments ALTER status SET NOT NULL`],
    ['a default that is dropped', `ALTER TABLE payments ALTER status DROP DEFAULT`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(dropNotNull, sql)).toEqual([])
  })

  it('says nothing when the column may be NULL already', () => {
    const sql = 'ALTER TABLE payments ALTER COLUMN note DROP NOT NULL'
    expect(flagged(dropNotNull, sql, { snapshot: production })).toEqual([])
    const promised = 'ALTER TABLE payments ALTER COLUMN status DROP NOT NULL'
    expect(flagged(dropNotNull, promised, { snapshot: production })).toHaveLength(1)
  })
})
