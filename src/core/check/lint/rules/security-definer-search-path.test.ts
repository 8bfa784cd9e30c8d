import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { securityDefinerSearchPath } from './security-definer-search-path.ts'

describe('security-definer-search-path', () => {
  it.each([
    ['a function', `CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`],
    [
      'a procedure with a quoted name in a schema',
      `CREATE OR REPLACE PROCEDURE "Sales"."Close"() LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`,
    ],
    ['a function that is altered', `ALTER FUNCTION f() SECURITY DEFINER`],
    [
      'a function that sets something else',
      `CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET work_mem = '1MB' AS 'SELECT 1'`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(securityDefinerSearchPath, sql)).toHaveLength(1)
  })

  it.each([
    [
      'a search_path of its own',
      `CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1'`,
    ],
    ["the caller's rights", `CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'`],
    [
      'a search_path that is set by ALTER',
      `CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'; ALTER FUNCTION f() SET search_path = pg_catalog`,
    ],
    [
      'a body in standard SQL',
      `CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER BEGIN ATOMIC SELECT 1; END`,
    ],
    ['SECURITY INVOKER', `CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY INVOKER AS 'SELECT 1'`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(securityDefinerSearchPath, sql)).toEqual([])
  })
})
