import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { renameEnumValue } from './rename-enum-value.ts'

describe('rename-enum-value', () => {
  it.each([
    ['a value of an existing type', `ALTER TYPE status RENAME VALUE 'a' TO 'b'`],
    ['a quoted name in a schema', `ALTER TYPE "Sales"."Status" RENAME VALUE 'a' TO 'b'`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER TYPE status RENAME VALUE 'a' TO 'b';
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(renameEnumValue, sql)).toHaveLength(1)
  })

  it.each([
    ['a type that the same file creates', `CREATE TYPE s AS ENUM ('a'); ALTER TYPE s RENAME VALUE 'a' TO 'b'`],
    ['a value that is added', `ALTER TYPE status ADD VALUE 'b'`],
    ['the type itself', `ALTER TYPE status RENAME TO state`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(renameEnumValue, sql)).toEqual([])
  })
})
