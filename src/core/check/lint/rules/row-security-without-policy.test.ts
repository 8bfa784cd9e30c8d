import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { rowSecurityWithoutPolicy } from './row-security-without-policy.ts'

describe('row-security-without-policy', () => {
  it.each([
    ['an existing table', `ALTER TABLE invoices ENABLE ROW LEVEL SECURITY`],
    [
      'a policy of another table',
      `ALTER TABLE invoices ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON orders USING (true)`,
    ],
    ['a quoted name in a schema', `ALTER TABLE "Sales"."Orders" ENABLE ROW LEVEL SECURITY`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(rowSecurityWithoutPolicy, sql)).toHaveLength(1)
  })

  it.each([
    ['a policy before it', `CREATE POLICY p ON invoices USING (true); ALTER TABLE invoices ENABLE ROW LEVEL SECURITY`],
    ['a policy behind it', `ALTER TABLE invoices ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON invoices USING (true)`],
    ['a table that the same file creates', `CREATE TABLE t (a int); ALTER TABLE t ENABLE ROW LEVEL SECURITY`],
    ['DISABLE', `ALTER TABLE invoices DISABLE ROW LEVEL SECURITY`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(rowSecurityWithoutPolicy, sql)).toEqual([])
  })
})
