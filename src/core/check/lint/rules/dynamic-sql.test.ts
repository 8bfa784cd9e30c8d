import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { dynamicSql } from './dynamic-sql.ts'

describe('dynamic-sql', () => {
  it.each([
    ['a format', `DO $$ BEGIN EXECUTE format('DROP TABLE %I', 't'); END $$`],
    ['a string that is put together', `DO $$ BEGIN EXECUTE 'DROP TABLE ' || 't'; END $$`],
    ['a variable', `DO $$ DECLARE s text; BEGIN EXECUTE s USING 1; END $$`],
  ])('flags %s', (_, sql) => {
    expect(flagged(dynamicSql, sql)).toHaveLength(1)
  })

  it.each([
    ['a plain string', `DO $$ BEGIN EXECUTE 'DROP TABLE t'; END $$`],
    ['a block without EXECUTE', `DO $$ BEGIN UPDATE t SET a = 1; END $$`],
    ['the right to execute', `DO $$ BEGIN GRANT EXECUTE ON FUNCTION f() TO a; END $$`],
    ['the word in a comment', `DO $$ BEGIN /* execute x */ PERFORM 'execute x'; END $$`],
    ['EXECUTE outside a block', `EXECUTE prepared`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(dynamicSql, sql)).toEqual([])
  })
})
