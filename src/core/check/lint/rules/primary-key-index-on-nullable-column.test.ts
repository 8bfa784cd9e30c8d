import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { primaryKeyIndexOnNullableColumn as rule } from './primary-key-index-on-nullable-column.ts'

const KEY = 'ALTER TABLE orders ADD CONSTRAINT k PRIMARY KEY USING INDEX i'
const withColumns = (columns: string) =>
  productionOf({
    schema: [`CREATE TABLE public.orders (${columns})`, 'CREATE UNIQUE INDEX i ON public.orders (a, b)'],
    tables: [{ name: 'orders', rows: 5_000_000 }],
    indexes: [{ name: 'i', table: 'orders' }],
  })

describe('primary-key-index-on-nullable-column', () => {
  it('flags the columns that may be NULL', () => {
    const [finding] = flagged(rule, KEY, { snapshot: withColumns('a int NOT NULL, b int') })
    expect(finding?.message).toContain('sets b of orders NOT NULL')
  })

  it('flags an index of which nothing is known', () => {
    expect(flagged(rule, KEY)[0]?.message).toContain('the columns of index i')
  })

  it('passes columns that are NOT NULL, or that a validated CHECK says are', () => {
    expect(flagged(rule, KEY, { snapshot: withColumns('a int NOT NULL, b int NOT NULL') })).toEqual([])
    const checked = withColumns('a int NOT NULL, b int, CONSTRAINT c CHECK ((b IS NOT NULL))')
    expect(flagged(rule, KEY, { snapshot: checked })).toEqual([])
  })

  it('passes plain keys and new tables', () => {
    expect(flagged(rule, 'ALTER TABLE orders ADD PRIMARY KEY (a)')).toEqual([])
    expect(flagged(rule, `CREATE TABLE orders (a int); CREATE UNIQUE INDEX i ON orders (a); ${KEY}`)).toEqual([])
  })
})
