import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { noPrimaryKey } from './no-primary-key.ts'

describe('no-primary-key', () => {
  it.each([
    ['a table without a key', `CREATE TABLE t (a int)`],
    ['a quoted name in a schema', `CREATE TABLE "Sales"."Orders" (a int UNIQUE)`],
    ['an unlogged table', `CREATE UNLOGGED TABLE t (a int)`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  CREATE TABLE t (a int);
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(noPrimaryKey, sql)).toHaveLength(1)
  })

  it.each([
    ['a key behind a column', `CREATE TABLE t (a int PRIMARY KEY)`],
    ['a key of several columns', `CREATE TABLE t (a int, b int, PRIMARY KEY (a, b))`],
    ['a key that is added in the same file', `CREATE TABLE t (a int); ALTER TABLE t ADD PRIMARY KEY (a)`],
    ['a temporary table', `CREATE TEMP TABLE t (a int)`],
    ['a partition', `CREATE TABLE p PARTITION OF t FOR VALUES IN (1)`],
    ['a copy', `CREATE TABLE t (LIKE s INCLUDING ALL)`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(noPrimaryKey, sql)).toEqual([])
  })
})
