import { describe, expect, it } from 'vitest'
import { fixed } from '../../../../../test/lint/fixed.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { jsonColumn } from './json-column.ts'

describe('json-column', () => {
  it.each([
    ['a column of a new table', `CREATE TABLE t (id bigint, a json)`],
    ['a column that is added', `ALTER TABLE t ADD COLUMN a json`],
    ['a column that is given the type', `ALTER TABLE t ALTER COLUMN a TYPE json`],
    ['a quoted name in a schema', `ALTER TABLE "Sales"."Orders" ADD COLUMN "Data" json`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER TABLE t ADD COLUMN a json;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(jsonColumn, sql)).toHaveLength(1)
  })

  it.each([
    ['the better type', `ALTER TABLE t ADD COLUMN a jsonb`],
    ['a temporary table', `CREATE TEMPORARY TABLE t (a json)`],
    ['a column that is dropped', `ALTER TABLE t DROP COLUMN a`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(jsonColumn, sql)).toEqual([])
  })

  it('is fixed by the type alone', () => {
    expect(fixed(jsonColumn, `ALTER TABLE t ADD COLUMN a json NOT NULL`)).toBe(
      `ALTER TABLE t ADD COLUMN a jsonb NOT NULL`,
    )
  })
})
