import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { uniqueIndexMayFail as rule } from './unique-index-may-fail.ts'

const SNAPSHOT = productionOf({
  schema: [
    'CREATE TABLE public.users (id bigint NOT NULL, email text)',
    'ALTER TABLE ONLY public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id)',
  ],
  tables: [
    { name: 'users', rows: 1000 },
    { name: 'empty', rows: 0 },
  ],
  indexes: [{ name: 'users_pkey', table: 'users' }],
})

describe('unique-index-may-fail', () => {
  it('flags indexes and constraints, with a query that finds duplicates', () => {
    const [finding] = flagged(rule, 'CREATE UNIQUE INDEX CONCURRENTLY i ON users (email, realm)')
    expect(finding?.message).toContain('INVALID')
    expect(finding?.remedy).toContain(
      'SELECT email, realm, count(*) FROM users GROUP BY email, realm HAVING count(*) > 1',
    )
    expect(flagged(rule, 'ALTER TABLE users ADD PRIMARY KEY (id)')).toHaveLength(1)
    expect(flagged(rule, 'CREATE UNIQUE INDEX i ON users (lower(email))')[0]?.message).toContain(
      'the indexed expression',
    )
  })

  it('passes keys that contain a key of production', () => {
    expect(flagged(rule, 'CREATE UNIQUE INDEX i ON users (id, email)', { snapshot: SNAPSHOT })).toEqual([])
    expect(flagged(rule, 'CREATE UNIQUE INDEX i ON users (email)', { snapshot: SNAPSHOT })).toHaveLength(1)
  })

  it('passes tables without rows, plain indexes, and constraints from an index', () => {
    expect(flagged(rule, 'CREATE UNIQUE INDEX i ON empty (a)', { snapshot: SNAPSHOT })).toEqual([])
    expect(flagged(rule, 'CREATE TABLE n (a int); CREATE UNIQUE INDEX i ON n (a)')).toEqual([])
    expect(flagged(rule, 'CREATE INDEX i ON users (a)')).toEqual([])
    expect(flagged(rule, 'ALTER TABLE users ADD UNIQUE USING INDEX i')).toEqual([])
  })
})
