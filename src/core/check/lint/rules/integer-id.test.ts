import { describe, expect, it } from 'vitest'
import { fixed } from '../../../../../test/lint/fixed.ts'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { integerId } from './integer-id.ts'

describe('integer-id', () => {
  it.each([
    ['a primary key of type int', `CREATE TABLE t (id int PRIMARY KEY)`],
    ['an identity column', `CREATE TABLE t (nr int GENERATED ALWAYS AS IDENTITY, name text)`],
    ['serial', `CREATE TABLE t (id serial PRIMARY KEY)`],
    ['smallserial', `ALTER TABLE t ADD COLUMN nr smallserial`],
    ['a key of its own clause', `CREATE TABLE t (nr integer, PRIMARY KEY (nr))`],
    ['a reference to a table of which nothing is known', `CREATE TABLE t (key text PRIMARY KEY, order_id int)`],
    [
      'a reference to a bigint key',
      `CREATE TABLE o (id bigint PRIMARY KEY); CREATE TABLE t (key text PRIMARY KEY, order_id int REFERENCES o)`,
    ],
    ['a quoted name in a schema', `ALTER TABLE "Sales"."Orders" ADD COLUMN "customer_id" int4`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  CREATE TABLE t (id int PRIMARY KEY);
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(integerId, sql)).toHaveLength(1)
  })

  it.each([
    ['bigint', `CREATE TABLE t (id bigint PRIMARY KEY)`],
    ['uuid', `CREATE TABLE t (id uuid PRIMARY KEY)`],
    ['a number that is no id', `CREATE TABLE t (id bigint PRIMARY KEY, retries int NOT NULL DEFAULT 0)`],
    ['a temporary table', `CREATE TEMP TABLE t (id int PRIMARY KEY)`],
    ['a list of numbers', `CREATE TABLE t (key text PRIMARY KEY, order_id int[])`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(integerId, sql)).toEqual([])
  })

  it('accepts a reference that has the type of the integer key that it points to', () => {
    const snapshot = productionOf({
      schema: ['CREATE TABLE plans (id integer PRIMARY KEY)'],
      tables: [{ name: 'plans', rows: 9 }],
    })
    const sql = 'ALTER TABLE customers ADD COLUMN plan_id integer REFERENCES plans (id)'
    expect(flagged(integerId, sql, { snapshot })).toEqual([])
  })

  it('takes smallint for a choice, and integer keys for an oversight', () => {
    expect(flagged(integerId, 'CREATE TABLE t (id smallint PRIMARY KEY)')[0]?.severity).toBe('note')
    expect(flagged(integerId, 'CREATE TABLE t (id integer PRIMARY KEY)')[0]?.severity).toBe('warning')
  })

  it('is fixed by the wider type', () => {
    expect(fixed(integerId, 'CREATE TABLE t (id serial PRIMARY KEY, a text)')).toBe(
      'CREATE TABLE t (id bigserial PRIMARY KEY, a text)',
    )
    expect(fixed(integerId, 'ALTER TABLE t ADD order_id int4')).toBe('ALTER TABLE t ADD order_id bigint')
  })
})
