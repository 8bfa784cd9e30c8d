import { describe, expect, it } from 'vitest'
import { covers, type IndexShape, sameIndexKey, shapeOfIndex } from './index-shape.ts'

const shape = (sql: string): IndexShape => {
  const found = shapeOfIndex(sql)
  if (found === null) throw new Error(`no index: ${sql}`)
  return found
}

describe('the definition of an index', () => {
  it('is read with schema, method, keys, order, included columns and predicate', () => {
    const sql = `CREATE UNIQUE INDEX "My idx" ON app.orders USING btree (customer_id, lower((email)::text) text_pattern_ops, created_at DESC NULLS LAST) INCLUDE (total) WHERE ((status)::text = 'open'::text);`
    expect(shape(sql)).toMatchObject({
      name: 'My idx',
      schema: 'app',
      table: 'orders',
      unique: true,
      method: 'btree',
      include: ['total'],
      predicate: "status = 'open'",
      keys: [
        { column: 'customer_id', descending: false },
        { column: null, what: 'lower ( email )', options: 'text_pattern_ops' },
        { column: 'created_at', descending: true, nullsFirst: false },
      ],
    })
  })

  it('without a name has none; other statements have no shape', () => {
    expect(shape('create index concurrently on t (a)')).toMatchObject({ name: '', table: 't' })
    expect(shape('create index if not exists i on only t (a)')).toMatchObject({ name: 'i', table: 't' })
    expect(shapeOfIndex('create table t (a int)')).toBeNull()
    expect(shapeOfIndex('create index')).toBeNull()
  })

  it.each([
    ['create index a on t (x)', 'CREATE INDEX b ON public.t USING btree (x)', true],
    ["create index a on t (x) where s = 'a'", "create index b on t (x) where ((s)::text = 'a'::text)", true],
    ['create index a on t (x)', 'create index b on t (x desc)', false],
    ['create index a on t (x)', 'create index b on t (x, y)', false],
    ['create index a on t (x)', 'create unique index b on t (x)', false],
  ])('%s and %s are the same: %s', (one, other, same) => {
    expect(sameIndexKey(shape(one)) === sameIndexKey(shape(other))).toBe(same)
  })
})

describe('an index covers another', () => {
  it.each([
    ['create index w on t (a, b)', 'create index n on t (a)', true],
    ['create index w on t (a, b)', 'create index n on t (b)', false],
    ['create index w on t (a desc, b)', 'create index n on t (a)', true],
    ['create index w on t (a desc, b)', 'create index n on t (a, b)', false],
    ['create index w on t (a, b)', 'create unique index n on t (a)', false],
    ['create index w on t (a) where x', 'create index n on t (a)', false],
    ['create index w on t (a text_pattern_ops)', 'create index n on t (a)', false],
    ['create index w on t using hash (a)', 'create index n on t (a)', false],
    ['create index w on t (a, b) include (c)', 'create index n on t (a) include (b, c)', true],
    ['create index w on t (a)', 'create index n on t (a) include (c)', false],
    ['create index w on t using gin (a, b)', 'create index n on t using gin (b)', true],
    ['create index w on other.t (a, b)', 'create index n on t (a)', false],
  ])('%s, %s: %s', (wide, narrow, expected) => {
    expect(covers(shape(wide), shape(narrow))).toBe(expected)
  })
})
