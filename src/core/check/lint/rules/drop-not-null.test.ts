import { describe, expect, it } from 'vitest'
import { PAYMENTS as production } from '../../../../../test/lint/payments.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { dropNotNull } from './drop-not-null.ts'

describe('drop-not-null', () => {
  it.each([
    ['a column of an existing table', `ALTER TABLE payments ALTER COLUMN status DROP NOT NULL`],
    ['a quoted name in a schema', `ALTER TABLE "Sales"."Orders" ALTER "Note" DROP NOT NULL`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER TABLE payments ALTER COLUMN status DROP NOT NULL;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(dropNotNull, sql)).toHaveLength(1)
  })

  it.each([
    ['a table that the same file creates', `CREATE TABLE t (a int NOT NULL); ALTER TABLE t ALTER a DROP NOT NULL`],
    ['SET NOT NULL', `ALTER TABLE payments ALTER status SET NOT NULL`],
    ['a default that is dropped', `ALTER TABLE payments ALTER status DROP DEFAULT`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(dropNotNull, sql)).toEqual([])
  })

  it('says nothing when the column may be NULL already', () => {
    const sql = 'ALTER TABLE payments ALTER COLUMN note DROP NOT NULL'
    expect(flagged(dropNotNull, sql, { snapshot: production })).toEqual([])
    const promised = 'ALTER TABLE payments ALTER COLUMN status DROP NOT NULL'
    expect(flagged(dropNotNull, promised, { snapshot: production })).toHaveLength(1)
  })
})
