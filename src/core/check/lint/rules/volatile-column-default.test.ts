import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { volatileColumnDefault as rule } from './volatile-column-default.ts'

const add = (expression: string) => `ALTER TABLE orders ADD COLUMN a text NOT NULL DEFAULT ${expression}`

describe('volatile-column-default', () => {
  it.each([
    'gen_random_uuid()',
    'uuidv7()',
    'random()::text',
    'clock_timestamp()',
    "nextval('s')",
    'pg_catalog.random()',
    "'x' || uuid_generate_v4()",
    'coalesce(lower(gen_random_uuid()::text))',
  ])('flags %s as an error', (expression) => expect(flagged(rule, add(expression))[0]?.severity).toBe('error'))

  it('warns of functions that nobody here knows', () => {
    const [finding] = flagged(rule, add('shop.new_code(7)'))
    expect(finding?.severity).toBe('warning')
    expect(finding?.message).toContain('shop.new_code()')
  })

  it.each([
    "'x'",
    '7',
    'now()',
    'current_timestamp',
    "now() + interval '1 day'",
    "timezone('UTC', now())",
    "(now() AT TIME ZONE 'UTC')",
    "'{}'::jsonb",
    'ARRAY[]::text[]',
    'current_user',
    "jsonb_build_object('a', 1)",
    'NULL',
    "lower('X')",
  ])('passes %s', (expression) => expect(flagged(rule, add(expression))).toEqual([]))

  it('flags every default before 11, and no constant later or where nobody knows', () => {
    expect(flagged(rule, add('7'), { serverVersion: 100000 })[0]?.message).toContain('before PostgreSQL 11')
    expect(flagged(rule, add('7'), { serverVersion: 110000 })).toEqual([])
  })

  it('passes SET DEFAULT, new tables and missing defaults', () => {
    expect(flagged(rule, 'ALTER TABLE orders ALTER COLUMN a SET DEFAULT gen_random_uuid()')).toEqual([])
    expect(flagged(rule, `CREATE TABLE orders (id int); ${add('random()')}`)).toEqual([])
    expect(flagged(rule, 'ALTER TABLE orders ADD COLUMN a text')).toEqual([])
  })

  it('sees quoted tables, IF EXISTS, other actions and DO blocks', () => {
    const sql =
      'ALTER TABLE IF EXISTS shop."Orders" DROP COLUMN b, ADD COLUMN IF NOT EXISTS a uuid DEFAULT gen_random_uuid()'
    expect(flagged(rule, sql)[0]?.message).toContain('shop."Orders"')
    expect(flagged(rule, `DO $$ BEGIN ${add('random()')}; END $$`)).toHaveLength(1)
  })
})
