import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { grantToPublic } from './grant-to-public.ts'

describe('grant-to-public', () => {
  it.each([
    ['a table', `GRANT SELECT ON payments TO PUBLIC`],
    ['everything, with a quoted name in a schema', `GRANT ALL ON "Sales"."Orders" TO reporting, PUBLIC`],
    ['all tables of a schema', `GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC`],
    ['default privileges', `ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC`],
    ['CREATE in a schema', `GRANT CREATE ON SCHEMA public TO PUBLIC`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  GRANT SELECT ON payments TO PUBLIC;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(grantToPublic, sql)).toHaveLength(1)
  })

  it.each([
    ['a role', `GRANT SELECT ON payments TO reporting`],
    ['REVOKE', `REVOKE ALL ON payments FROM PUBLIC`],
    [
      'what everybody has anyway',
      `GRANT EXECUTE ON FUNCTION f() TO PUBLIC; GRANT USAGE ON SCHEMA s TO PUBLIC; GRANT USAGE ON TYPE y TO PUBLIC`,
    ],
    ['a role whose name is quoted', `GRANT SELECT ON payments TO "Public"`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(grantToPublic, sql)).toEqual([])
  })
})
