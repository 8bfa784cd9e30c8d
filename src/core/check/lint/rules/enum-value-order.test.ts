import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { enumValueOrder } from './enum-value-order.ts'

describe('enum-value-order', () => {
  it.each([
    ['a value without a place', `ALTER TYPE status ADD VALUE 'b'`],
    ['a quoted name in a schema', `ALTER TYPE "Sales"."Status" ADD VALUE IF NOT EXISTS 'b'`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER TYPE status ADD VALUE 'b';
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(enumValueOrder, sql)).toHaveLength(1)
  })

  it.each([
    ['a value behind another', `ALTER TYPE status ADD VALUE 'b' AFTER 'a'`],
    ['a value before another', `ALTER TYPE status ADD VALUE 'b' BEFORE 'a'`],
    ['a value that is renamed', `ALTER TYPE status RENAME VALUE 'a' TO 'b'`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(enumValueOrder, sql)).toEqual([])
  })
})
