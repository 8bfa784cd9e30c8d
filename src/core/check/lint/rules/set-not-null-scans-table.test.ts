import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { setNotNullScansTable as rule } from './set-not-null-scans-table.ts'

const SET = 'ALTER TABLE orders ALTER COLUMN a SET NOT NULL'
const ADD = 'ALTER TABLE orders ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID'
const VALIDATE = 'ALTER TABLE orders VALIDATE CONSTRAINT c'
const withTable = (sql: string) => productionOf({ schema: [sql], tables: [{ name: 'orders', rows: 50_000_000 }] })

describe('set-not-null-scans-table', () => {
  it('flags it among other actions, and names column and table', () => {
    const sql = 'ALTER TABLE IF EXISTS shop."Orders" ADD COLUMN b int, ALTER COLUMN "A" SET NOT NULL'
    expect(flagged(rule, sql)[0]?.message).toContain('SET NOT NULL on "A" of shop."Orders"')
    expect(flagged(rule, `DO $$ BEGIN ${SET}; END $$`)).toHaveLength(1)
  })

  it('flags a CHECK that is not validated yet, and one that says something else', () => {
    expect(flagged(rule, `${ADD}; ${SET}`)[0]?.remedy).toContain('VALIDATE CONSTRAINT c')
    const weaker = ADD.replace('a IS NOT NULL', 'a IS NOT NULL OR b IS NOT NULL')
    expect(flagged(rule, `${weaker}; ${VALIDATE}; ${SET}`)).toHaveLength(1)
    const other = ADD.replace('a IS NOT NULL', 'b IS NOT NULL')
    expect(flagged(rule, `${other}; ${VALIDATE}; ${SET}`)).toHaveLength(1)
  })

  it('passes when a validated CHECK has told the answer, of the migration or of production', () => {
    expect(flagged(rule, `${ADD}; ${VALIDATE}; ${SET}`)).toEqual([])
    const both = withTable(
      'CREATE TABLE public.orders (a int, b int, CONSTRAINT c CHECK (((a IS NOT NULL) AND (b > 0))))',
    )
    expect(flagged(rule, SET, { snapshot: both })).toEqual([])
    const earlier = [`${ADD}`, `${VALIDATE}`]
    expect(flagged(rule, SET, { earlier })).toEqual([])
  })

  it('does not believe the CHECK before 12', () => {
    expect(flagged(rule, `${ADD}; ${VALIDATE}; ${SET}`, { serverVersion: 110000 })).toHaveLength(1)
  })

  it('passes what is NOT NULL already, and new tables', () => {
    expect(flagged(rule, SET, { snapshot: withTable('CREATE TABLE public.orders (a int NOT NULL)') })).toEqual([])
    expect(flagged(rule, `CREATE TABLE orders (a int); ${SET}`)).toEqual([])
  })

  it('knows the NOT NULL constraints of 18', () => {
    const add = 'ALTER TABLE orders ADD CONSTRAINT n NOT NULL a'
    expect(flagged(rule, add, { serverVersion: 180000 })[0]?.remedy).toContain('NOT VALID')
    expect(flagged(rule, `${add} NOT VALID`, { serverVersion: 180000 })).toEqual([])
    expect(flagged(rule, `${add} NOT VALID; ${SET}`, { serverVersion: 180000 })[0]?.remedy).toContain(
      'VALIDATE CONSTRAINT n',
    )
    expect(flagged(rule, `${add} NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT n; ${SET}`)).toEqual([])
  })
})
