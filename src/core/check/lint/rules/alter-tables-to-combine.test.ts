import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { alterTablesToCombine as rule } from './alter-tables-to-combine.ts'

const outside = (sql: string) => `VACUUM t; ${sql}`

describe('alter-tables-to-combine', () => {
  it('flags two waits for one lock, outside a transaction', () => {
    const sql = outside('ALTER TABLE shop."O" ADD a int;\nSET lock_timeout = 1;\nALTER TABLE shop."O" ADD b int')
    expect(flagged(rule, sql)[0]?.message).toContain('ALTER TABLE shop."O" and the one in line 1')
  })

  it('flags two passes over all rows, in a transaction', () => {
    const sql = 'BEGIN; ALTER TABLE orders ALTER a TYPE bigint; ALTER TABLE orders ALTER b TYPE bigint; COMMIT'
    expect(flagged(rule, sql)[0]?.message).toContain('goes through all rows')
  })

  it('passes two instant actions in one transaction', () => {
    expect(flagged(rule, 'BEGIN; ALTER TABLE orders ADD a int; ALTER TABLE orders ADD b int; COMMIT')).toEqual([])
  })

  it.each([
    ['other tables', 'ALTER TABLE a ADD x int; ALTER TABLE b ADD y int'],
    ['the same column', 'ALTER TABLE a ADD x int; ALTER TABLE a ALTER x SET DEFAULT 1'],
    ['validation', 'ALTER TABLE a ADD CONSTRAINT c CHECK (x > 0) NOT VALID; ALTER TABLE a VALIDATE CONSTRAINT c'],
    ['a CHECK that SET NOT NULL relies on', 'ALTER TABLE a ALTER x SET NOT NULL; ALTER TABLE a DROP CONSTRAINT c'],
    ['work between them', 'ALTER TABLE a ADD x int; UPDATE a SET x = 1; ALTER TABLE a ADD y int'],
    ['new tables', 'CREATE TABLE a (i int); ALTER TABLE a ADD x int; ALTER TABLE a ADD y int'],
    ['one statement', 'ALTER TABLE a ADD x int, ADD y int'],
  ])('passes %s', (_, sql) => expect(flagged(rule, outside(sql))).toEqual([]))
})
