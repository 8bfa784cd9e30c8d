import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { cannotRunInTransaction } from './cannot-run-in-transaction.ts'

describe('cannot-run-in-transaction', () => {
  it.each([
    ['VACUUM in a transaction', `BEGIN; VACUUM payments; COMMIT`],
    ['ALTER SYSTEM', `BEGIN; ALTER SYSTEM SET work_mem = '1GB'; COMMIT`],
    ['a database', `BEGIN; CREATE DATABASE d; COMMIT`],
    ['REINDEX of a schema', `BEGIN; REINDEX SCHEMA "Sales"; COMMIT`],
  ])('flags %s', (_, sql) => {
    expect(flagged(cannotRunInTransaction, sql)).toHaveLength(1)
  })

  it.each([
    ['VACUUM by itself', `VACUUM payments`],
    ['ANALYZE', `BEGIN; ANALYZE payments; COMMIT`],
    ['VACUUM behind the transaction', `BEGIN; DROP TABLE t; COMMIT; VACUUM payments`],
    ['REINDEX of a table', `BEGIN; REINDEX TABLE payments; COMMIT`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(cannotRunInTransaction, sql)).toEqual([])
  })

  it('knows the transaction that the tool opens', () => {
    const [finding] = flagged(cannotRunInTransaction, '-- migrate:up\nVACUUM payments;', { format: 'dbmate' })
    expect(finding?.message).toContain('tool')
  })
})
