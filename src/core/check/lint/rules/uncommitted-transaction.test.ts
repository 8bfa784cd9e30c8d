import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { uncommittedTransaction } from './uncommitted-transaction.ts'

describe('uncommitted-transaction', () => {
  it.each([
    ['BEGIN without COMMIT', `BEGIN; CREATE TABLE t (a int)`],
    ['a second transaction without COMMIT', `BEGIN; COMMIT; START TRANSACTION; CREATE TABLE t (a int)`],
  ])('flags %s', (_, sql) => {
    expect(flagged(uncommittedTransaction, sql)).toHaveLength(1)
  })

  it.each([
    ['BEGIN with COMMIT', `BEGIN; CREATE TABLE t (a int); COMMIT`],
    ['BEGIN with ROLLBACK', `BEGIN; CREATE TABLE t (a int); ROLLBACK`],
    ['no transaction', `CREATE TABLE t (a int)`],
    ['the BEGIN of a DO block', `DO $$ BEGIN PERFORM 1; END $$`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(uncommittedTransaction, sql)).toEqual([])
  })

  it('points at the transaction that stays open', () => {
    const [finding, ...others] = flagged(uncommittedTransaction, 'BEGIN;\nCOMMIT;\nBEGIN;\nSELECT 1;')
    expect(others).toEqual([])
    expect(finding?.line).toBe(3)
  })
})
