import { describe, expect, it } from 'vitest'
import { PAYMENTS as production } from '../../../../../test/lint/payments.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { dropTable } from './drop-table.ts'

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
