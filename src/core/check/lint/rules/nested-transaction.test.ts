import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { nestedTransaction } from './nested-transaction.ts'

describe('nested-transaction', () => {
  it.each([
    ['BEGIN inside BEGIN', `BEGIN; ALTER TABLE t ADD a int; BEGIN; COMMIT`],
    ['COMMIT without BEGIN', `CREATE TABLE t (a int); COMMIT`],
    ['ROLLBACK without BEGIN', `CREATE TABLE t (a int); ROLLBACK`],
    ['a second COMMIT', `BEGIN; CREATE TABLE t (a int); COMMIT; COMMIT`],
  ])('flags %s', (_, sql) => {
    expect(flagged(nestedTransaction, sql)).toHaveLength(1)
  })

  it.each([
    ['one transaction', `BEGIN; CREATE TABLE t (a int); COMMIT`],
    [
      'two transactions, one after the other',
      `BEGIN; CREATE TABLE t (a int); COMMIT; START TRANSACTION; DROP TABLE t; COMMIT`,
    ],
    ['savepoints', `BEGIN; SAVEPOINT a; CREATE TABLE t (a int); RELEASE a; COMMIT`],
    ['COMMIT in a DO block', `DO $$ BEGIN UPDATE t SET a = 1; COMMIT; END $$`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(nestedTransaction, sql)).toEqual([])
  })

  it('is reported once where the tool has already opened a transaction', () => {
    const findings = flagged(nestedTransaction, '-- migrate:up\nBEGIN; CREATE TABLE t (a int); COMMIT;', {
      format: 'dbmate',
    })
    expect(findings).toHaveLength(1)
    expect(findings[0]?.message).toContain('tool')
  })
})
