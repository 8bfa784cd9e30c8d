import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { tableStorageRewrite as rule } from './table-storage-rewrite.ts'

describe('table-storage-rewrite', () => {
  it.each(['SET LOGGED', 'SET UNLOGGED', 'SET ACCESS METHOD columnar', 'SET TABLESPACE fast'])('flags %s', (words) => {
    expect(flagged(rule, `ALTER TABLE IF EXISTS shop.orders ${words}`)[0]?.message).toContain(
      'copies all of shop.orders',
    )
  })

  it('passes partitioned parents, new tables and other settings', () => {
    expect(
      flagged(rule, 'CREATE TABLE p PARTITION OF orders FOR VALUES IN (1); ALTER TABLE orders SET TABLESPACE fast'),
    ).toEqual([])
    expect(flagged(rule, 'CREATE UNLOGGED TABLE n (a int); ALTER TABLE n SET LOGGED')).toEqual([])
    expect(flagged(rule, 'ALTER TABLE orders SET (fillfactor = 90)')).toEqual([])
  })
})
