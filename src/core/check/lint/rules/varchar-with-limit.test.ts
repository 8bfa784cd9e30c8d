import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { varcharWithLimit } from './varchar-with-limit.ts'

describe('varchar-with-limit', () => {
  it.each([
    ['a column of a new table', `CREATE TABLE t (id bigint, a varchar(20))`],
    ['a column that is added', `ALTER TABLE t ADD COLUMN a varchar(20)`],
    ['a column that is given the type', `ALTER TABLE t ALTER COLUMN a TYPE varchar(20)`],
    ['a quoted name in a schema', `ALTER TABLE "Sales"."Orders" ADD COLUMN "Data" varchar(20)`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER TABLE t ADD COLUMN a varchar(20);
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(varcharWithLimit, sql)).toHaveLength(1)
  })

  it.each([
    ['the better type', `ALTER TABLE t ADD COLUMN a varchar`],
    ['a temporary table', `CREATE TEMPORARY TABLE t (a varchar(20))`],
    ['a column that is dropped', `ALTER TABLE t DROP COLUMN a`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(varcharWithLimit, sql)).toEqual([])
  })
})
