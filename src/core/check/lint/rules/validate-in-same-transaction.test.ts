import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { validateInSameTransaction as rule } from './validate-in-same-transaction.ts'

const ADD = 'ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0) NOT VALID'
const VALIDATE = 'ALTER TABLE orders VALIDATE CONSTRAINT c'

describe('validate-in-same-transaction', () => {
  it('flags both in one BEGIN, in one file that the tool runs in a transaction, in one DO block', () => {
    expect(flagged(rule, `BEGIN; ${ADD}; ${VALIDATE}; COMMIT`)).toHaveLength(1)
    expect(flagged(rule, `${ADD}; ${VALIDATE}`, { format: 'flyway' })).toHaveLength(1)
    expect(flagged(rule, `DO $$ BEGIN ${ADD}; ${VALIDATE}; END $$`)).toHaveLength(1)
  })

  it('flags both in one statement', () => {
    expect(
      flagged(rule, 'ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0) NOT VALID, VALIDATE CONSTRAINT c'),
    ).toHaveLength(1)
  })

  it('says which lock is held', () => {
    const key = ADD.replace('CHECK (a > 0)', 'FOREIGN KEY (a) REFERENCES b (id)')
    expect(flagged(rule, `BEGIN; ${key}; ${VALIDATE}; COMMIT`)[0]?.message).toContain('SHARE ROW EXCLUSIVE')
    expect(flagged(rule, `BEGIN; ${ADD}; ${VALIDATE}; COMMIT`)[0]?.message).toContain('ACCESS EXCLUSIVE')
  })

  it('passes two transactions, other constraints, other tables, new tables', () => {
    expect(flagged(rule, `BEGIN; ${ADD}; COMMIT; ${VALIDATE}`)).toEqual([])
    expect(flagged(rule, `BEGIN; ${ADD}; ALTER TABLE orders VALIDATE CONSTRAINT d; COMMIT`)).toEqual([])
    expect(flagged(rule, `BEGIN; ${ADD}; ALTER TABLE other VALIDATE CONSTRAINT c; COMMIT`)).toEqual([])
    expect(flagged(rule, `BEGIN; CREATE TABLE orders (a int); ${ADD}; ${VALIDATE}; COMMIT`)).toEqual([])
  })
})
