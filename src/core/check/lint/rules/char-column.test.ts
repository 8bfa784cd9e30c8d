import { describe, expect, it } from 'vitest'
import { fixed } from '../../../../../test/lint/fixed.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { charColumn } from './char-column.ts'

describe('char-column', () => {
  it.each([
    ['a column of a new table', `CREATE TABLE t (id bigint, a char(3))`],
    ['a column that is added', `ALTER TABLE t ADD COLUMN a char(3)`],
    ['a column that is given the type', `ALTER TABLE t ALTER COLUMN a TYPE char(3)`],
    ['a quoted name in a schema', `ALTER TABLE "Sales"."Orders" ADD COLUMN "Data" char(3)`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER TABLE t ADD COLUMN a char(3);
END $$`,
    ],
    ['char without a length, which is one blank', `CREATE TABLE t (a char)`],
  ])('flags %s', (_, sql) => {
    expect(flagged(charColumn, sql)).toHaveLength(1)
  })

  it.each([
    ['the better type', `ALTER TABLE t ADD COLUMN a varchar(3)`],
    ['a temporary table', `CREATE TEMPORARY TABLE t (a char(3))`],
    ['a column that is dropped', `ALTER TABLE t DROP COLUMN a`],
    ['the inner type "char"', `CREATE TABLE t (a "char")`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(charColumn, sql)).toEqual([])
  })

  it('is fixed by the type alone', () => {
    expect(fixed(charColumn, `CREATE TABLE t (a character (3), b int)`)).toBe(`CREATE TABLE t (a varchar(3), b int)`)
  })
})
