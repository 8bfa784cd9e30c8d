import { describe, expect, it } from 'vitest'
import type { RelationSnapshot, SchemaStatement, Snapshot } from '../snapshot.ts'
import { compareDeployed } from './compare.ts'

const relation = (more: Partial<RelationSnapshot> & Pick<RelationSnapshot, 'name' | 'kind'>): RelationSnapshot => ({
  schema: 'public',
  table: null,
  method: null,
  relpages: 1000,
  reltuples: 50_000_000,
  relallvisible: 0,
  pages: 1000,
  height: null,
  scans: null,
  valid: true,
  columns: [],
  ...more,
})
const statistics = {
  column: 'a',
  inherited: false,
  nullFrac: 0,
  avgWidth: 8,
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
}
const made = (kind: string, object: string, sql: string): SchemaStatement => ({ kind, object, sql, extension: null })

const TABLE = made('table', 'public.payments', 'CREATE TABLE public.payments (id bigint, created_at timestamptz)')
const INDEX = made(
  'index',
  'public.idx_created_at',
  'CREATE INDEX idx_created_at ON public.payments USING btree (created_at)',
)

const snapshot = (schema: readonly SchemaStatement[], relations: readonly RelationSnapshot[] = []): Snapshot => ({
  format: 1,
  takenAt: '2024-03-15T14:00:00.000Z',
  values: 'remap',
  server: { version: 180004, encoding: 'UTF8', collation: 'C', database: 'payments' },
  connections: { max: 100, superuserReserved: 3, reserved: 0 },
  settings: [],
  overrides: [],
  schemaSource: 'catalog',
  schema,
  relations,
  sequences: [],
  extendedStatistics: [],
  workload: [],
  workloadMinutes: null,
  appliedMigrations: [],
  missing: [],
})
const ANALYSED = relation({ name: 'payments', kind: 'r', columns: [statistics] })

describe('a deployed database', () => {
  it('that is as the migrations make it has nothing to be told', () => {
    const expected = snapshot([TABLE, INDEX])
    const spaced = { ...INDEX, sql: INDEX.sql.replace(' USING', '\n  USING') }
    expect(compareDeployed(expected, snapshot([spaced, TABLE], [ANALYSED]))).toEqual([])
  })

  it('that lacks an index is told with the statement that brings it', () => {
    const found = compareDeployed(snapshot([TABLE, INDEX]), snapshot([TABLE], [ANALYSED]))
    expect(found).toEqual([expect.objectContaining({ rule: 'deployed-index-missing', severity: 'error' })])
    expect(found[0]?.message).toContain('idx_created_at')
    expect(found[0]?.remedy).toContain(INDEX.sql)
  })

  it('that has another definition is told with both', () => {
    const other = { ...INDEX, sql: INDEX.sql.replace('(created_at)', '(id)') }
    const [found] = compareDeployed(snapshot([TABLE, INDEX]), snapshot([TABLE, other], [ANALYSED]))
    expect(found).toMatchObject({ rule: 'deployed-object-differs', severity: 'error' })
    expect(found?.message).toContain('(id)')
    expect(found?.message).toContain('(created_at)')
  })

  it('that has more than expected is told in a note, the tables of migration tools aside', () => {
    const tool = made('table', 'public.schema_migrations', 'CREATE TABLE public.schema_migrations (version text)')
    const found = compareDeployed(snapshot([TABLE]), snapshot([TABLE, INDEX, tool], [ANALYSED]))
    expect(found.map((one) => [one.rule, one.severity])).toEqual([['deployed-object-unexpected', 'note']])
  })

  it('with an INVALID index is told how to mend it', () => {
    const index = relation({ name: 'idx_created_at', kind: 'i', table: 'payments', valid: false })
    const [found] = compareDeployed(snapshot([TABLE, INDEX]), snapshot([TABLE, INDEX], [ANALYSED, index]))
    expect(found).toMatchObject({ rule: 'deployed-index-invalid', severity: 'error' })
    expect(found?.remedy).toContain('DROP INDEX CONCURRENTLY idx_created_at')
  })

  it('with a constraint that was never validated is warned of', () => {
    const sql = 'ALTER TABLE public.payments ADD CONSTRAINT c CHECK (id > 0) NOT VALID'
    const constraint = made('constraint', 'public.payments.c', sql)
    const found = compareDeployed(snapshot([TABLE, constraint]), snapshot([TABLE, constraint], [ANALYSED]))
    expect(found.map((one) => one.rule)).toEqual(['deployed-constraint-unvalidated'])
  })

  it('without statistics on a large table or on an index of an expression is told to ANALYZE; small ones are let be', () => {
    const sql = 'CREATE INDEX idx_day ON public.payments USING btree (date_trunc($$day$$, created_at))'
    const expression = made('index', 'public.idx_day', sql)
    const schema = [TABLE, INDEX, expression]
    const index = (name: string) => relation({ name, kind: 'i', table: 'payments' })
    const found = (table: RelationSnapshot) =>
      compareDeployed(snapshot(schema), snapshot(schema, [table, index('idx_day'), index('idx_created_at')])).map(
        (one) => [one.rule, one.message.split(' ')[0]],
      )
    expect(found(ANALYSED)).toEqual([['deployed-statistics-missing', 'idx_day']])
    expect(found(relation({ name: 'payments', kind: 'r' }))).toEqual([
      ['deployed-statistics-missing', 'payments'],
      ['deployed-statistics-missing', 'idx_day'],
    ])
    expect(found(relation({ name: 'payments', kind: 'r', reltuples: 12 }))).toEqual([])
  })

  it('is told of errors first', () => {
    const tool = made('view', 'public.v', 'CREATE VIEW public.v AS SELECT 1')
    const found = compareDeployed(
      snapshot([TABLE, INDEX]),
      snapshot([tool, TABLE], [relation({ name: 'payments', kind: 'r' })]),
    )
    expect(found.map((one) => one.severity)).toEqual(['error', 'warning', 'note'])
  })
})
