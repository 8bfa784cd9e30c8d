import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { missingStatementTimeout as rule } from './missing-statement-timeout.ts'

const WORK = 'ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0)'

describe('missing-statement-timeout', () => {
  it('is said once a file, where work is done under a lock that others notice', () => {
    expect(
      flagged(rule, `ALTER TABLE orders ADD a int;\n${WORK};\nCREATE INDEX i ON orders (a)`).map(({ line }) => line),
    ).toEqual([2])
  })

  it('passes when it is set', () => {
    expect(flagged(rule, `SET statement_timeout = '1min'; ${WORK}`)).toEqual([])
  })

  it.each([
    'ALTER TABLE orders ADD a int',
    'CREATE INDEX CONCURRENTLY i ON orders (a)',
    'ALTER TABLE orders VALIDATE CONSTRAINT c',
    'CREATE TABLE n (a int); CREATE INDEX i ON n (a)',
  ])('passes %s, which is over in a moment or blocks nobody', (sql) => expect(flagged(rule, sql)).toEqual([]))
})
