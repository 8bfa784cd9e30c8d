import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { sequenceNearEnd } from './sequence-near-end.ts'

const sequence = { schema: 'public', name: 'orders_id_seq', dataType: 'integer', maxValue: '2147483647' }

function productionAt(lastValue: string | null) {
  return productionOf({
    schema: ['CREATE TABLE orders (id integer PRIMARY KEY)'],
    tables: [{ name: 'orders', rows: 1_000_000 }],
    sequences: [{ ...sequence, lastValue, ownedBy: 'public.orders.id' }],
  })
}

describe('sequence-near-end', () => {
  it.each([
    ['warning', '1400000000', '65 %'],
    ['error', '2000000000', '93 %'],
  ])('is a %s for a table that the file names, at %s', (severity, lastValue, percent) => {
    const sql = 'SELECT 1; ALTER TABLE "orders" ADD COLUMN note text; ALTER TABLE orders ADD COLUMN other text'
    const [finding, ...others] = flagged(sequenceNearEnd, sql, { snapshot: productionAt(lastValue) })
    expect(others).toEqual([])
    expect(finding?.severity).toBe(severity)
    expect(finding?.message).toContain(percent)
  })

  it('says nothing of tables that the file does not name, and of sequences with room', () => {
    const other = 'ALTER TABLE customers ADD COLUMN note text'
    expect(flagged(sequenceNearEnd, other, { snapshot: productionAt('2000000000') })).toEqual([])
    const named = 'ALTER TABLE orders ADD COLUMN note text'
    expect(flagged(sequenceNearEnd, named, { snapshot: productionAt('1000') })).toEqual([])
    expect(flagged(sequenceNearEnd, named, { snapshot: productionAt(null) })).toEqual([])
    expect(flagged(sequenceNearEnd, named)).toEqual([])
  })
})
