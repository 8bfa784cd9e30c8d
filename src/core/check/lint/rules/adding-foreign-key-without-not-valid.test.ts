import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged, lintWith } from '../../../../../test/lint/rule-testing.ts'
import { addingForeignKeyWithoutNotValid as rule } from './adding-foreign-key-without-not-valid.ts'

const KEY = 'FOREIGN KEY (customer_id) REFERENCES customers (id)'
const SNAPSHOT = productionOf({
  schema: ['CREATE TABLE public.orders (id bigint)'],
  tables: [{ name: 'orders', rows: 50_000_000 }],
})

describe('adding-foreign-key-without-not-valid', () => {
  it('flags a key that is checked for every row, and names both tables', () => {
    const [finding] = flagged(rule, `ALTER TABLE shop.orders ADD CONSTRAINT fk ${KEY}`, { snapshot: SNAPSHOT })
    expect(finding?.message).toContain('from shop.orders to customers')
    expect(finding?.message).toContain('SHARE ROW EXCLUSIVE')
  })

  it('flags it among other actions, at its place, and in a DO block', () => {
    const [finding] = flagged(rule, `ALTER TABLE IF EXISTS "Orders" ADD COLUMN a int, ADD ${KEY}`)
    expect(finding?.column).toBe(50)
    expect(flagged(rule, `DO $$ BEGIN ALTER TABLE orders ADD ${KEY}; END $$`)).toHaveLength(1)
  })

  it('flags a new column that has a default', () => {
    expect(flagged(rule, 'ALTER TABLE orders ADD COLUMN c int DEFAULT 1 REFERENCES customers (id)')).toHaveLength(1)
  })

  it('passes a new column that is NULL everywhere: PostgreSQL does not look', () => {
    expect(flagged(rule, 'ALTER TABLE orders ADD COLUMN c int REFERENCES customers (id)')).toEqual([])
    expect(flagged(rule, 'ALTER TABLE orders ADD COLUMN c int DEFAULT NULL REFERENCES customers (id)')).toEqual([])
  })

  it('passes NOT VALID, new tables and other constraints', () => {
    expect(flagged(rule, `ALTER TABLE orders ADD CONSTRAINT fk ${KEY} NOT VALID`)).toEqual([])
    expect(flagged(rule, `CREATE TABLE n (customer_id int); ALTER TABLE n ADD ${KEY}`)).toEqual([])
    expect(flagged(rule, 'ALTER TABLE orders ADD CONSTRAINT c CHECK (id > 0)')).toEqual([])
  })

  it('says how it is done for a partitioned table before 18', () => {
    const sql = `CREATE TABLE e1 PARTITION OF orders FOR VALUES IN (1); ALTER TABLE orders ADD CONSTRAINT fk ${KEY}`
    expect(flagged(rule, sql, { serverVersion: 160000 })[0]?.remedy).toContain('each partition')
    expect(flagged(rule, sql, { serverVersion: 180000 })[0]?.remedy).toContain('NOT VALID, and run VALIDATE')
  })

  it('is fixed outside a transaction only, where the constraint has a name', () => {
    const outside = (sql: string) => lintWith([rule], `VACUUM t;\n${sql}`).fixes
    expect(outside(`ALTER TABLE orders ADD CONSTRAINT fk ${KEY}`)[0]?.edits[0]?.insert).toBe(
      ' NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT fk',
    )
    expect(outside(`ALTER TABLE orders ADD ${KEY}`)).toEqual([])
    expect(lintWith([rule], `BEGIN; ALTER TABLE orders ADD CONSTRAINT fk ${KEY}; COMMIT`).fixes).toEqual([])
  })
})
