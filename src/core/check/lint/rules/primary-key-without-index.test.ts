import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { primaryKeyWithoutIndex as rule } from './primary-key-without-index.ts'

describe('primary-key-without-index', () => {
  it('flags a key that builds its index', () => {
    expect(flagged(rule, 'ALTER TABLE ONLY shop.orders ADD PRIMARY KEY (id)')[0]?.message).toContain('of shop.orders')
  })

  it('flags a serial key behind a new column, which rewrites the table', () => {
    const [finding] = flagged(rule, 'ALTER TABLE orders ADD COLUMN id bigserial PRIMARY KEY')
    expect(finding?.message).toContain('writes the table anew and builds its index')
  })

  it('passes USING INDEX and new tables', () => {
    expect(flagged(rule, 'ALTER TABLE orders ADD CONSTRAINT k PRIMARY KEY USING INDEX i')).toEqual([])
    expect(flagged(rule, 'CREATE TABLE n (id int); ALTER TABLE n ADD PRIMARY KEY (id)')).toEqual([])
  })
})
