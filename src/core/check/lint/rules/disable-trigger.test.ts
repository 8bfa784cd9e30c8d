import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { disableTrigger } from './disable-trigger.ts'

describe('disable-trigger', () => {
  it.each([
    ['a trigger that stays off', `ALTER TABLE payments DISABLE TRIGGER audit`],
    [
      'all triggers, though they are enabled again',
      `ALTER TABLE payments DISABLE TRIGGER ALL; ALTER TABLE payments ENABLE TRIGGER ALL`,
    ],
    ['a quoted name in a schema', `ALTER TABLE "Sales"."Orders" DISABLE TRIGGER USER`],
    [
      'one enabled again, outside a transaction',
      `VACUUM x; ALTER TABLE payments DISABLE TRIGGER audit; ALTER TABLE payments ENABLE TRIGGER audit`,
    ],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER TABLE payments DISABLE TRIGGER audit;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(disableTrigger, sql)).toHaveLength(1)
  })

  it.each([
    [
      'one that the same transaction enables again',
      `ALTER TABLE payments DISABLE TRIGGER audit; UPDATE payments SET a = 1; ALTER TABLE payments ENABLE TRIGGER audit`,
    ],
    ['ENABLE', `ALTER TABLE payments ENABLE TRIGGER audit`],
    ['a table that the same file creates', `CREATE TABLE t (a int); ALTER TABLE t DISABLE TRIGGER audit`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(disableTrigger, sql)).toEqual([])
  })
})
