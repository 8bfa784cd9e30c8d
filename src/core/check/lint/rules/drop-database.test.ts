import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { dropDatabase } from './drop-database.ts'

describe('drop-database', () => {
  it.each([
    ['a database', `DROP DATABASE payments`],
    ['a quoted name with IF EXISTS', `DROP DATABASE IF EXISTS "Payments"`],
  ])('flags %s', (_, sql) => {
    expect(flagged(dropDatabase, sql)).toHaveLength(1)
  })

  it.each([
    ['a schema', `DROP SCHEMA s CASCADE`],
    ['a table', `DROP TABLE t`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(dropDatabase, sql)).toEqual([])
  })
})
