import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { duplicateColumnAssignment } from './duplicate-column-assignment.ts'

describe('duplicate-column-assignment', () => {
  it.each([
    ['UPDATE', `UPDATE t SET a = 1, b = 2, a = 3`],
    ['a row of columns', `UPDATE t SET (a, b) = (1, 2), a = 3`],
    ['INSERT', `INSERT INTO "Sales"."Orders" ("A", "A") VALUES (1, 2)`],
    ['ON CONFLICT', `INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 1, b = 2`],
    ['an UPDATE inside WITH', `WITH x AS (UPDATE t SET a = 1, a = 2 RETURNING *) SELECT * FROM x`],
    ['MERGE', `MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = 1, a = 2`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  UPDATE t SET a = 1, a = 2;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(duplicateColumnAssignment, sql)).toHaveLength(1)
  })

  it.each([
    ['each column once', `UPDATE t SET a = 1, b = 2`],
    ['elements of an array', `UPDATE t SET a[1] = 1, a[2] = 2`],
    ['names that differ by quoting', `UPDATE t SET a = 1, "A" = 2`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(duplicateColumnAssignment, sql)).toEqual([])
  })
})
