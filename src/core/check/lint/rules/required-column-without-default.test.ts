import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { requiredColumnWithoutDefault as rule } from './required-column-without-default.ts'

describe('required-column-without-default', () => {
  it('flags NOT NULL, and a primary key, without a value for the rows that are there', () => {
    expect(flagged(rule, 'ALTER TABLE shop.orders ADD COLUMN "Cur" text NOT NULL')[0]?.message).toContain(
      '"Cur" of shop.orders',
    )
    expect(flagged(rule, 'ALTER TABLE orders ADD a int, ADD COLUMN id bigint PRIMARY KEY')).toHaveLength(1)
    expect(flagged(rule, 'ALTER TABLE orders ADD COLUMN a int NOT NULL DEFAULT NULL')).toHaveLength(1)
    expect(flagged(rule, 'DO $$ BEGIN ALTER TABLE orders ADD COLUMN a int NOT NULL; END $$')).toHaveLength(1)
  })

  it('passes what has a value: default, identity, serial, generated', () => {
    for (const rest of [
      'int NOT NULL DEFAULT 0',
      'int NOT NULL GENERATED ALWAYS AS IDENTITY',
      'serial NOT NULL',
      'int NOT NULL GENERATED ALWAYS AS (1) STORED',
      'int',
    ])
      expect(flagged(rule, `ALTER TABLE orders ADD COLUMN a ${rest}`)).toEqual([])
  })

  it('passes tables without rows, and columns that are there already', () => {
    const snapshot = productionOf({
      schema: ['CREATE TABLE public.orders (a int)'],
      tables: [{ name: 'orders', rows: 0 }],
    })
    expect(flagged(rule, 'ALTER TABLE orders ADD COLUMN b int NOT NULL', { snapshot })).toEqual([])
    expect(flagged(rule, 'CREATE TABLE n (a int); ALTER TABLE n ADD COLUMN b int NOT NULL')).toEqual([])
    const full = productionOf({ schema: ['CREATE TABLE public.orders (a int)'], tables: [{ name: 'orders', rows: 9 }] })
    expect(flagged(rule, 'ALTER TABLE orders ADD COLUMN IF NOT EXISTS a int NOT NULL', { snapshot: full })).toEqual([])
  })
})
