import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { uniqueConstraintWithoutIndex as rule } from './unique-constraint-without-index.ts'

describe('unique-constraint-without-index', () => {
  it('flags constraints by themselves and behind a new column', () => {
    const [finding] = flagged(rule, 'ALTER TABLE shop.users ADD CONSTRAINT u UNIQUE (email, "Realm")')
    expect(finding?.message).toContain('UNIQUE on email and "Realm" of shop.users')
    expect(flagged(rule, 'ALTER TABLE users ADD COLUMN handle text UNIQUE')[0]?.message).toContain('handle')
  })

  it('passes USING INDEX, new tables and columns that are there already', () => {
    expect(flagged(rule, 'ALTER TABLE users ADD CONSTRAINT u UNIQUE USING INDEX users_email_idx')).toEqual([])
    expect(flagged(rule, 'CREATE TABLE n (a int UNIQUE); ALTER TABLE n ADD UNIQUE (a)')).toEqual([])
    expect(
      flagged(rule, 'ALTER TABLE users ADD COLUMN a text; ALTER TABLE users ADD COLUMN IF NOT EXISTS a text UNIQUE'),
    ).toEqual([])
  })
})
