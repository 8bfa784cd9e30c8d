import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { dropSchema } from './drop-schema.ts'

describe('drop-schema', () => {
  it.each([
    ['everything in a schema', `DROP SCHEMA reporting CASCADE`],
    ['a quoted name', `DROP SCHEMA IF EXISTS "Sales" CASCADE`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  DROP SCHEMA reporting CASCADE;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(dropSchema, sql)).toHaveLength(1)
  })

  it.each([
    ['a schema that the same file creates', `CREATE SCHEMA s; DROP SCHEMA s CASCADE`],
    ['a table', `DROP TABLE reporting.totals`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(dropSchema, sql)).toEqual([])
  })

  it('is a note without CASCADE, which works on an empty schema only', () => {
    expect(flagged(dropSchema, 'DROP SCHEMA reporting')[0]?.severity).toBe('note')
    expect(flagged(dropSchema, 'DROP SCHEMA reporting CASCADE')[0]?.severity).toBe('error')
  })
})
