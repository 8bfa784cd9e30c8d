import { describe, expect, it } from 'vitest'
import { PAYMENTS as production } from '../../../../../test/lint/payments.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { missingAnalyze } from './missing-analyze.ts'

describe('missing-analyze', () => {
  it.each([
    ['an index on an expression', `CREATE INDEX i ON customers (lower(email))`],
    ['a column with another type', `ALTER TABLE payments ALTER COLUMN a TYPE bigint`],
    ['extended statistics', `CREATE STATISTICS s ON a, b FROM payments`],
    ['a statistics target', `ALTER TABLE payments ALTER a SET STATISTICS 500`],
    ['ANALYZE before instead of behind', `ANALYZE customers; CREATE INDEX i ON customers (lower(email))`],
    ['ANALYZE of another table', `CREATE INDEX i ON customers (lower(email)); ANALYZE payments`],
    ['a quoted name in a schema', `CREATE INDEX i ON "Sales"."Orders" ((a + b))`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER TABLE payments ALTER COLUMN a TYPE bigint;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(missingAnalyze, sql)).toHaveLength(1)
  })

  it.each([
    ['ANALYZE behind it', `CREATE INDEX i ON customers (lower(email)); ANALYZE customers`],
    ['ANALYZE of everything', `ALTER TABLE payments ALTER COLUMN a TYPE bigint; ANALYZE`],
    ['VACUUM with ANALYZE', `ALTER TABLE payments ALTER COLUMN a TYPE bigint; VACUUM (ANALYZE) payments`],
    ['an index on columns', `CREATE INDEX i ON customers (email)`],
    ['a table that the same file creates', `CREATE TABLE t (a text); CREATE INDEX i ON t (lower(a))`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(missingAnalyze, sql)).toEqual([])
  })

  it('asks once for a table, however many columns change', () => {
    const sql = 'ALTER TABLE payments ALTER a TYPE bigint, ALTER b TYPE bigint'
    expect(flagged(missingAnalyze, sql)).toHaveLength(1)
  })

  it('is a note on a small table', () => {
    const sql = 'ALTER TABLE customers ALTER COLUMN email TYPE varchar'
    expect(flagged(missingAnalyze, sql, { snapshot: production })[0]?.severity).toBe('note')
  })
})
