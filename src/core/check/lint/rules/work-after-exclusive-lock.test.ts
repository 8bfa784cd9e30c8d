import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { workAfterExclusiveLock as rule } from './work-after-exclusive-lock.ts'

const LOCK = 'ALTER TABLE orders ADD COLUMN a int'

describe('work-after-exclusive-lock', () => {
  it('flags work that keeps the table locked, with the line that locked it', () => {
    const [finding] = flagged(rule, `BEGIN;\n${LOCK};\nCREATE INDEX i ON payments (a);\nCOMMIT`)
    expect(finding?.message).toContain('orders cannot be read or written since line 2')
    expect(finding?.severity).toBe('warning')
  })

  it('flags it in a file that the tool runs in a transaction, and in a DO block', () => {
    expect(flagged(rule, `${LOCK}; CREATE INDEX i ON payments (a)`, { format: 'flyway' })).toHaveLength(1)
    expect(flagged(rule, `DO $$ BEGIN ${LOCK}; CREATE INDEX i ON payments (a); END $$`)).toHaveLength(1)
  })

  it('notes a lock on a second table, once', () => {
    const sql = `BEGIN; ${LOCK}; ALTER TABLE b ADD c int; ALTER TABLE d ADD c int; COMMIT`
    expect(flagged(rule, sql).map(({ severity }) => severity)).toEqual(['note'])
  })

  it('flags the copying of rows into a new table', () => {
    const sql = `BEGIN; CREATE TABLE n (a int); ${LOCK}; INSERT INTO n SELECT a FROM payments; COMMIT`
    expect(flagged(rule, sql)).toHaveLength(1)
  })

  it('passes what is instant on the same table, other transactions, new tables and single rows', () => {
    expect(flagged(rule, `BEGIN; ${LOCK}; ALTER TABLE orders ADD b int; COMMIT`)).toEqual([])
    expect(flagged(rule, `BEGIN; ${LOCK}; COMMIT; CREATE INDEX CONCURRENTLY i ON payments (a)`)).toEqual([])
    expect(flagged(rule, `BEGIN; ${LOCK}; CREATE TABLE n (a int); CREATE INDEX i ON n (a); COMMIT`)).toEqual([])
    expect(flagged(rule, `BEGIN; ${LOCK}; INSERT INTO versions VALUES (1); COMMIT`)).toEqual([])
    expect(flagged(rule, 'BEGIN; CREATE INDEX i ON payments (a); ALTER TABLE payments ADD b int; COMMIT')).toEqual([])
  })

  it('leaves changed rows to backfill-with-schema-change', () => {
    expect(flagged(rule, `BEGIN; ${LOCK}; UPDATE orders SET a = 1; COMMIT`)).toEqual([])
  })
})
