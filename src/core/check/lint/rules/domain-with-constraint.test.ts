import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { domainWithConstraint } from './domain-with-constraint.ts'

describe('domain-with-constraint', () => {
  it.each([
    ['a CHECK', `CREATE DOMAIN d AS text CHECK (VALUE <> '')`],
    ['NOT NULL, with a quoted name in a schema', `CREATE DOMAIN "Sales"."D" AS text NOT NULL`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  CREATE DOMAIN d AS text NOT NULL;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(domainWithConstraint, sql)).toHaveLength(1)
  })

  it.each([
    ['a domain without a constraint', `CREATE DOMAIN d AS text`],
    ['a default', `CREATE DOMAIN d AS text DEFAULT ''`],
    ['a table', `CREATE TABLE t (a text NOT NULL)`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(domainWithConstraint, sql)).toEqual([])
  })
})
