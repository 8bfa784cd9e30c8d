import { describe, expect, it } from 'vitest'
import { fixed } from '../../../../../test/lint/fixed.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { notRerunnable } from './not-rerunnable.ts'

describe('not-rerunnable', () => {
  it.each([
    ['DROP without IF EXISTS', `DROP INDEX CONCURRENTLY i`],
    ['ADD COLUMN without IF NOT EXISTS', `VACUUM x; ALTER TABLE t ADD COLUMN a int`],
    ['CREATE TABLE without IF NOT EXISTS', `VACUUM x; CREATE TABLE t (a int)`],
    ['a concurrent build without a DROP before it', `CREATE INDEX CONCURRENTLY i ON t (a)`],
    ['a quoted name in a schema', `VACUUM x; DROP TABLE "Sales"."Orders"`],
  ])('flags %s', (_, sql) => {
    expect(flagged(notRerunnable, sql)).toHaveLength(1)
  })

  it.each([
    ['a file that runs in a transaction', `CREATE TABLE t (a int); DROP INDEX i; ALTER TABLE t ADD COLUMN b int`],
    ['a transaction of its own', `BEGIN; CREATE TABLE t (a int); COMMIT`],
    [
      'IF EXISTS and IF NOT EXISTS',
      `VACUUM x; DROP INDEX CONCURRENTLY IF EXISTS i; CREATE TABLE IF NOT EXISTS t (a int)`,
    ],
    ['a concurrent build behind a DROP', `DROP INDEX CONCURRENTLY IF EXISTS i; CREATE INDEX CONCURRENTLY i ON t (a)`],
    ['statements that can be repeated', `VACUUM x; ALTER TABLE t ALTER a SET DEFAULT 1`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(notRerunnable, sql)).toEqual([])
  })

  it('is fixed where the end is the same, and left alone where an invalid index would be kept', () => {
    expect(fixed(notRerunnable, 'DROP INDEX CONCURRENTLY public.i;')).toBe(
      'DROP INDEX CONCURRENTLY IF EXISTS public.i;',
    )
    expect(fixed(notRerunnable, 'VACUUM x; ALTER TABLE t ADD COLUMN a int, DROP CONSTRAINT c')).toBe(
      'VACUUM x; ALTER TABLE t ADD COLUMN IF NOT EXISTS a int, DROP CONSTRAINT IF EXISTS c',
    )
    const build = 'CREATE INDEX CONCURRENTLY i ON t (a)'
    expect(fixed(notRerunnable, build)).toBe(build)
  })
})
