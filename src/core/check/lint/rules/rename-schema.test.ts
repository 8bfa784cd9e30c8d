import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { renameSchema } from './rename-schema.ts'

describe('rename-schema', () => {
  it.each([
    ['an existing schema', `ALTER SCHEMA billing RENAME TO invoicing`],
    ['a quoted name', `ALTER SCHEMA "Sales" RENAME TO sales`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER SCHEMA billing RENAME TO invoicing;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(renameSchema, sql)).toHaveLength(1)
  })

  it.each([
    ['a schema that the same file creates', `CREATE SCHEMA s; ALTER SCHEMA s RENAME TO u`],
    ['a table', `ALTER TABLE a RENAME TO b`],
    ['an owner', `ALTER SCHEMA s OWNER TO admin`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(renameSchema, sql)).toEqual([])
  })
})
