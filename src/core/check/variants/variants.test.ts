import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ColumnStatistics, RelationSnapshot, Snapshot } from '../snapshot.ts'
import { arrayElements, arrayText } from './array-text.ts'
import { chooseVariants } from './choose.ts'
import { parametersOf } from './parameters.ts'
import { settingsOf } from './profile.ts'
import { expandLists, repairGrouping, repairTypedLiterals } from './repair.ts'
import { targetsOfText } from './scope.ts'
import { plannablePart } from './statement.ts'
import { Statistics } from './statistics.ts'
import { fitted, typeValue } from './type-values.ts'

const column = (name: string, extra: Partial<ColumnStatistics> = {}): ColumnStatistics => ({
  column: name,
  inherited: false,
  nullFrac: 0,
  avgWidth: 4,
  nDistinct: -1,
  correlation: 1,
  mostCommonVals: null,
  mostCommonFreqs: null,
  histogramBounds: null,
  mostCommonElems: null,
  mostCommonElemFreqs: null,
  elemCountHistogram: null,
  rangeLengthHistogram: null,
  rangeEmptyFrac: null,
  rangeBoundsHistogram: null,
  low: null,
  high: null,
  ...extra,
})
const table = (name: string, columns: readonly ColumnStatistics[]): RelationSnapshot => ({
  schema: 'public',
  name,
  kind: 'r',
  table: null,
  method: null,
  relpages: 1,
  reltuples: 1,
  relallvisible: 0,
  pages: 1,
  height: null,
  scans: null,
  valid: true,
  columns,
})
const status = column('status', { mostCommonVals: '{done,open,held}', mostCommonFreqs: [0.9, 0.07, 0.03] })
const tenant = column('tenant_id', { mostCommonVals: '{7}', mostCommonFreqs: [0.4], histogramBounds: '{1,2,3,4,5,6}' })
const id = column('id', { histogramBounds: '{10,20,30,40,50}' })
const snapshot: Snapshot = {
  format: 1,
  takenAt: '2026-01-15T12:00:00.000Z',
  values: 'keep',
  server: { version: 180_004, encoding: 'UTF8', collation: 'C', database: 'shop' },
  connections: { max: 100, superuserReserved: 3, reserved: 0 },
  settings: [{ name: 'work_mem', value: '4MB' }],
  overrides: [],
  schemaSource: 'catalog',
  schema: [],
  relations: [table('orders', [id, status, tenant, column('note')]), table('tenants', [id, column('name')])],
  sequences: [],
  extendedStatistics: [],
  workload: [],
  workloadMinutes: null,
  appliedMigrations: [],
  missing: [],
}
const statistics = new Statistics(snapshot)
/** `$1 equal orders.status` */
const told = (sql: string) =>
  targetsOfText(sql, statistics).map(
    ({ parameter, use, column: of }) => `$${parameter} ${use} ${of === null ? '?' : `${of.table}.${of.column}`}`,
  )

describe('what a parameter is compared with', () => {
  it.each([
    ['select * from orders where status = $1', ['$1 equal orders.status']],
    ['select * from orders o join tenants t on t.id = o.tenant_id where t.id = $1', ['$1 equal tenants.id']],
    [
      'select * from orders o, tenants as t where name like $1 and o.id < $2',
      ['$1 like tenants.name', '$2 below orders.id'],
    ],
    ['select * from orders where id between $1 and $2', ['$1 above orders.id', '$2 below orders.id']],
    ['select * from orders where id not between $1 and $2', ['$1 above orders.id', '$2 below orders.id']],
    ['select * from orders where $1 < id', ['$1 above orders.id']],
    ['select * from orders where (status, id) > ($1, $2)', ['$1 above orders.status', '$2 above orders.id']],
    ['select * from orders where lower(status) = lower($1)', ['$1 equal orders.status']],
    ['select * from orders where status::text = $1::text', ['$1 equal orders.status']],
    ['select * from orders where status = any (array[$1, $2])', ['$1 equal orders.status', '$2 equal orders.status']],
    ['select * from "orders" where "orders"."status" = $1', ['$1 equal orders.status']],
    ['select * from public.orders where status not in ($1)', ['$1 equal orders.status']],
    [
      'update orders set status = $1, note = coalesce($2, note) where id = $3',
      ['$1 assigned orders.status', '$2 assigned orders.note', '$3 equal orders.id'],
    ],
    [
      'insert into orders (id, status) values ($1, $2), ($3, upper($4))',
      ['$1 inserted orders.id', '$2 inserted orders.status', '$3 inserted orders.id'],
    ],
    [
      'insert into orders (id, status) select id, $1 from tenants where id = $2',
      ['$1 inserted orders.status', '$2 equal ?'],
    ],
    ['select * from orders limit $1 offset $2', ['$1 limit ?', '$2 offset ?']],
    ['select * from orders fetch first $1 rows only', ['$1 limit ?']],
    ['select date_trunc($1, x at time zone $2) from orders', ['$1 unit ?', '$2 zone ?']],
    ["select '$1', id from orders where note = '$2' -- $3", []],
    ['select $1', []],
  ])('%s', (sql, expected) => {
    expect(told(sql)).toEqual(expected)
  })

  it('is read from any text without failing', () => {
    const pieces =
      'select from orders o where and ( ) , $1 $2 = any in between like id status set values into . :: [ ] limit'
    const text = fc.array(fc.constantFrom(...pieces.split(' ')), { maxLength: 40 }).map((all) => all.join(' '))
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (sql) => {
        for (const { parameter } of targetsOfText(sql, statistics)) expect(sql).toContain(`$${parameter}`)
      }),
    )
  })
})

const text = { name: 'text', category: 'S', element: null, label: null }
const int = { name: 'int4', category: 'N', element: null, label: null }
const variantsOf = (sql: string, types: readonly (typeof text)[]) =>
  chooseVariants(parametersOf(types, { text: targetsOfText(sql, statistics), plan: [], statistics }), '2026-01-15')

describe('values', () => {
  it('are the common ones with their share, and a rare one', () => {
    const variants = variantsOf('select * from orders where status = $1', [text])
    expect(variants.map(({ variant, values }) => [variant, values[0]])).toEqual([
      ['common 1', 'done'],
      ['common 2', 'open'],
      ['rare', 'held'],
    ])
    expect(variants.map(({ weight }) => weight.toFixed(2))).toEqual(['0.90', '0.07', '0.03'])
  })

  it('are, where not all are common, one from between them', () => {
    const variants = variantsOf('select * from orders where tenant_id = $1', [int])
    expect(variants.map(({ values }) => values[0])).toEqual(['7', '4'])
    expect(variants[1]?.weight).toBeCloseTo(0.6)
  })

  it('come from a joined column that is skewed when the plan names it', () => {
    const sql = 'select * from tenants t join orders o on o.tenant_id = t.id where t.id = $1'
    const plan = [
      {
        parameter: 1,
        use: 'equal' as const,
        place: 0,
        column: { schema: 'public', table: 'orders', column: 'tenant_id' },
      },
    ]
    const parameters = parametersOf([int], { text: targetsOfText(sql, statistics), plan, statistics })
    expect(chooseVariants(parameters, '2026-01-15').map(({ values }) => values[0])).toEqual(['7', '4'])
  })

  it('are never more than four, and their weights add up to 1', () => {
    const conditions = ['status = $', 'tenant_id = $', 'id > $', 'id < $', 'note like $', 'nix = $']
    fc.assert(
      fc.property(fc.subarray(conditions, { minLength: 1 }), (some) => {
        const sql = `select * from orders where ${some.map((one, n) => `${one}${n + 1}`).join(' and ')}`
        const variants = variantsOf(
          sql,
          some.map(() => text),
        )
        expect(variants.length).toBeGreaterThan(0)
        expect(variants.length).toBeLessThanOrEqual(4)
        expect(variants.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9)
        for (const { values } of variants) expect(values).toHaveLength(some.length)
      }),
    )
  })

  it('fit the type of the parameter, or one that does is taken', () => {
    expect(fitted('12.5', int)).toBe('12')
    expect(fitted('3000000000', int)).toBeNull()
    expect(fitted('2024-01-01 10:00:00+00', { ...int, name: 'interval', category: 'T' })).toBeNull()
    expect(fitted('x', { ...text, name: 'uuid', category: 'U' })).toBeNull()
    expect(typeValue({ ...text, name: 'mood', category: 'E', label: 'fine' }, '2026-01-15')).toBe('fine')
  })
})

describe('arrays as text', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (values) => {
        expect(arrayElements(arrayText(values))).toEqual(values)
      }),
    )
    expect(arrayElements('{a,NULL,"NULL","b,c","d\\"e"}')).toEqual(['a', 'NULL', 'b,c', 'd"e'])
    expect(arrayElements('')).toEqual([])
  })
})

describe('texts with parameters for constants', () => {
  it('are written so that PostgreSQL takes them', () => {
    expect(repairTypedLiterals('select now() - interval $1')).toBe('select now() - $1::interval')
    expect(repairTypedLiterals("select 'interval $1'")).toBeNull()
    expect(repairGrouping('select f($1, a) from t group by f($2, a) order by f($3, a) desc')).toBe(
      'select f($1, a) from t group by f($1, a) order by f($1, a) desc',
    )
    expect(repairGrouping('select f($1, a) from t group by g($2, a)')).toBeNull()
    expect(expandLists('select 1 where a in ($1 /*, ... */) and b = $2')).toBe(
      'select 1 where a in ($1, $3, $4, $5, $6) and b = $2',
    )
    expect(expandLists('select $1')).toBeNull()
  })

  it('are cut to the part that has a plan', () => {
    expect(plannablePart('copy (select 1) to stdout')).toMatchObject({ sql: 'select 1' })
    expect(plannablePart('explain (analyze) select 1')).toMatchObject({ sql: 'select 1' })
    expect(plannablePart('vacuum t')).toMatchObject({ kind: 'not-plannable' })
    expect(plannablePart('selekt 1')).toMatchObject({ kind: 'plannable' })
  })
})

describe('settings of a session', () => {
  it('are the server’s, then the database’s, then the role’s, then the role’s in the database', () => {
    const set = (value: string) => [{ name: 'work_mem', value }]
    const overrides = [
      { role: 'app', inDatabase: true, settings: set('4') },
      { role: 'app', inDatabase: false, settings: set('3') },
      { role: null, inDatabase: true, settings: set('2') },
      { role: 'other', inDatabase: true, settings: set('9') },
    ]
    const settings = [
      { name: 'work_mem', value: '1' },
      { name: 'shared_buffers', value: '1GB' },
    ]
    const of = (upTo: number, role: string | null) =>
      settingsOf({ ...snapshot, settings, overrides: overrides.slice(upTo) }, role)
    expect(of(0, 'app')).toEqual(set('4'))
    expect(of(1, 'app')).toEqual(set('3'))
    expect(of(2, 'app')).toEqual(set('2'))
    expect(of(0, null)).toEqual(set('2'))
    expect(of(3, 'app')).toEqual(set('1'))
  })
})
