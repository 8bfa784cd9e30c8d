import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { wideIndex } from './wide-index.ts'

describe('wide-index', () => {
  it.each([
    ['four columns', `CREATE INDEX i ON t (a, b, c, d)`],
    ['a quoted name in a schema', `CREATE INDEX CONCURRENTLY "I" ON "Sales"."T" (a, b, c, lower(d))`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  CREATE INDEX i ON t (a, b, c, d);
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(wideIndex, sql)).toHaveLength(1)
  })

  it.each([
    ['three columns', `CREATE INDEX i ON t (a, b, c)`],
    ['a unique index', `CREATE UNIQUE INDEX i ON t (a, b, c, d)`],
    ['columns that are only read', `CREATE INDEX i ON t (a, b, c) INCLUDE (d, e)`],
    ['another kind of index', `CREATE INDEX i ON t USING gin (a, b, c, d)`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(wideIndex, sql)).toEqual([])
  })
})
