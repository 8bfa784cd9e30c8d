import { describe, expect, it } from 'vitest'
import { fixed } from '../../../../../test/lint/fixed.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { alterDomainAddConstraint } from './alter-domain-add-constraint.ts'

describe('alter-domain-add-constraint', () => {
  it.each([
    ['a CHECK', `ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE <> '')`],
    ['SET NOT NULL, with a quoted name in a schema', `ALTER DOMAIN "Sales"."D" SET NOT NULL`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > '');
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(alterDomainAddConstraint, sql)).toHaveLength(1)
  })

  it.each([
    ['NOT VALID', `ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE <> '') NOT VALID`],
    ['a domain that the same file creates', `CREATE DOMAIN d AS text; ALTER DOMAIN d ADD CHECK (VALUE <> '')`],
    ['VALIDATE', `ALTER DOMAIN d VALIDATE CONSTRAINT c`],
    ['a constraint that is dropped', `ALTER DOMAIN d DROP CONSTRAINT c`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(alterDomainAddConstraint, sql)).toEqual([])
  })

  it('is fixed by NOT VALID', () => {
    expect(fixed(alterDomainAddConstraint, "ALTER DOMAIN d ADD CHECK (VALUE <> '');")).toBe(
      "ALTER DOMAIN d ADD CHECK (VALUE <> '') NOT VALID;",
    )
  })
})
