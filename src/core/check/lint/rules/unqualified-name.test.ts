import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { unqualifiedName } from './unqualified-name.ts'

describe('unqualified-name', () => {
  it.each([
    ['a table that is created', `CREATE TABLE t (a int)`],
    ['a table that is changed', `ALTER TABLE t ADD a int`],
    ['an index', `CREATE INDEX i ON t (a)`],
    ['a quoted name', `DROP TABLE "Orders"`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER TABLE t ADD a int;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(unqualifiedName, sql)).toHaveLength(1)
  })

  it.each([
    [
      'names with a schema',
      `CREATE TABLE public.t (a int); ALTER TABLE public.t ADD b int; DROP TABLE "Sales"."Orders"`,
    ],
    ['a temporary table', `CREATE TEMP TABLE t (a int)`],
    ['a query', `SELECT 1`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(unqualifiedName, sql)).toEqual([])
  })
})
