import { describe, expect, it } from 'vitest'
import { fixed } from '../../../../../test/lint/fixed.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { timestampWithoutTimeZone } from './timestamp-without-time-zone.ts'

describe('timestamp-without-time-zone', () => {
  it.each([
    ['a column of a new table', `CREATE TABLE t (id bigint, a timestamp)`],
    ['a column that is added', `ALTER TABLE t ADD COLUMN a timestamp`],
    ['a column that is given the type', `ALTER TABLE t ALTER COLUMN a TYPE timestamp`],
    ['a quoted name in a schema', `ALTER TABLE "Sales"."Orders" ADD COLUMN "Data" timestamp`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER TABLE t ADD COLUMN a timestamp;
END $$`,
    ],
    ['an array of them', `CREATE TABLE t (a timestamp[])`],
  ])('flags %s', (_, sql) => {
    expect(flagged(timestampWithoutTimeZone, sql)).toHaveLength(1)
  })

  it.each([
    ['the better type', `ALTER TABLE t ADD COLUMN a timestamptz`],
    ['a temporary table', `CREATE TEMPORARY TABLE t (a timestamp)`],
    ['a column that is dropped', `ALTER TABLE t DROP COLUMN a`],
    ['dates and times of day', `CREATE TABLE t (a date, b time)`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(timestampWithoutTimeZone, sql)).toEqual([])
  })

  it('is fixed by the type alone', () => {
    expect(fixed(timestampWithoutTimeZone, `CREATE TABLE t (a timestamp(3) without time zone DEFAULT now())`)).toBe(
      `CREATE TABLE t (a timestamptz(3) DEFAULT now())`,
    )
  })

  it('offers no fix where the default would mean another moment', () => {
    const sql = `CREATE TABLE t (a timestamp DEFAULT (now() AT TIME ZONE 'utc'))`
    expect(flagged(timestampWithoutTimeZone, sql)).toHaveLength(1)
    expect(fixed(timestampWithoutTimeZone, sql)).toBe(sql)
  })
})
