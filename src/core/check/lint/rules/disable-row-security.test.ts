import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { disableRowSecurity } from './disable-row-security.ts'

describe('disable-row-security', () => {
  it.each([
    ['an existing table', `ALTER TABLE invoices DISABLE ROW LEVEL SECURITY`],
    ['the owner, with a quoted name in a schema', `ALTER TABLE "Sales"."Orders" NO FORCE ROW LEVEL SECURITY`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER TABLE invoices DISABLE ROW LEVEL SECURITY;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(disableRowSecurity, sql)).toHaveLength(1)
  })

  it.each([
    ['ENABLE', `ALTER TABLE invoices ENABLE ROW LEVEL SECURITY`],
    ['FORCE', `ALTER TABLE invoices FORCE ROW LEVEL SECURITY`],
    ['a table that the same file creates', `CREATE TABLE t (a int); ALTER TABLE t DISABLE ROW LEVEL SECURITY`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(disableRowSecurity, sql)).toEqual([])
  })
})
