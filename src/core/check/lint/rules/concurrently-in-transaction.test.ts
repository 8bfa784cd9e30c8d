import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { concurrentlyInTransaction as rule } from './concurrently-in-transaction.ts'

const STATEMENTS = [
  'CREATE INDEX CONCURRENTLY i ON t (a)',
  'DROP INDEX CONCURRENTLY i',
  'REINDEX TABLE CONCURRENTLY t',
  'REINDEX (CONCURRENTLY) INDEX i',
  'ALTER TABLE t DETACH PARTITION p CONCURRENTLY',
]

describe('concurrently-in-transaction', () => {
  it.each(STATEMENTS)('flags %s inside BEGIN and COMMIT', (sql) => {
    expect(flagged(rule, `BEGIN; ${sql}; COMMIT`)).toHaveLength(1)
  })

  it.each(STATEMENTS)('passes %s outside a transaction', (sql) => {
    expect(flagged(rule, `BEGIN; SELECT 1; COMMIT; ${sql}`)).toEqual([])
  })

  it('flags what stands in a DO block', () => {
    expect(flagged(rule, 'DO $$ BEGIN CREATE INDEX CONCURRENTLY i ON t (a); END $$')[0]?.message).toContain('DO block')
  })

  it('flags a file that the tool runs in a transaction, and says how the tool leaves it out', () => {
    const sql = '-- migrate:up\nCREATE INDEX CONCURRENTLY i ON t (a);'
    expect(flagged(rule, sql, { format: 'dbmate' })[0]?.remedy).toContain('transaction:false')
    const without = sql.replace('up', 'up transaction:false')
    expect(flagged(rule, without, { format: 'dbmate' })).toEqual([])
  })

  it('passes the plain forms', () => {
    expect(flagged(rule, 'BEGIN; CREATE INDEX i ON t (a); DROP INDEX j; REINDEX TABLE t; COMMIT')).toEqual([])
  })
})
