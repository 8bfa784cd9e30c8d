import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { dropColumn } from '../rules/drop-column.ts'
import { findAll, written } from './pick.ts'

describe('names as one writes them in SQL', () => {
  it.each([
    [{ schema: null, name: 'orders' }, 'orders'],
    [{ schema: 'sales', name: 'orders_2' }, 'sales.orders_2'],
    [{ schema: 'Sales', name: 'all orders' }, '"Sales"."all orders"'],
    [{ schema: null, name: 'a"b' }, '"a""b"'],
  ])('%o is %s', (name, sql) => {
    expect(written(name)).toBe(sql)
  })
})

describe('the place of an action of ALTER TABLE', () => {
  it.each([
    'ALTER TABLE t ADD a numeric(1, 2) DEFAULT f(1, 2), DROP COLUMN b',
    'ALTER TABLE IF EXISTS ONLY "My, Schema"."T" ADD a text /* , */, DROP COLUMN b',
    "ALTER TABLE s.t * ADD a text[] DEFAULT ARRAY['x,y', 'z'], DROP COLUMN b",
    'ALTER TABLE t DROP COLUMN b',
  ])('is its first word: %s', (sql) => {
    const [finding, ...others] = flagged(dropColumn, sql)
    expect(others).toEqual([])
    expect(finding?.column).toBe(sql.indexOf('DROP') + 1)
  })
})

describe('all nodes of one kind', () => {
  it('come in the order of the tree, however long a list is', () => {
    const items = Array.from({ length: 300_000 }, (_, at) => ({ Integer: { ival: at } }))
    const found = findAll({ List: { items } }, 'Integer')
    expect(found).toHaveLength(300_000)
    expect(found.slice(0, 2)).toEqual([{ ival: 0 }, { ival: 1 }])
  })
})
