/** Statistics as ANALYZE would find them on what the change made: modelled, since there are no rows to look at. */
import type pg from 'pg'
import type { ColumnStatistics } from '../../../core/check/snapshot.ts'
import type { Base } from '../base/build.ts'
import type { Catalog, CatalogColumn, CatalogRelation } from '../catalog.ts'
import { arrayOf, literal, messageOf, quoted, sqlStateOf } from '../connection.ts'
import { expressionStatistics } from './expression.ts'

/** What the model is made from. */
export interface AnalyseSource {
  readonly client: pg.Client
  readonly base: Base
  readonly state: Catalog
  readonly statistics: ReadonlyMap<number, readonly ColumnStatistics[]>
}

const NOTHING: Omit<ColumnStatistics, 'column' | 'inherited' | 'nullFrac' | 'avgWidth' | 'nDistinct'> = {
  correlation: null,
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

/** Statistics that no sample ever gave. */
export interface ModelledColumn {
  readonly relation: CatalogRelation
  readonly statistics: ColumnStatistics
}

/** What comes on top of the statistics that the state has: for retyped and added columns, and for new expressions. */
export async function modelAnalyze(source: AnalyseSource): Promise<readonly ModelledColumn[]> {
  const modelled: ModelledColumn[] = []
  for (const [oid, relation] of source.state.relations) {
    if (relation.table === null && source.base.known.has(oid)) modelled.push(...(await modelTable(source, relation)))
  }
  for (const relation of source.state.relations.values()) {
    const isTableKnown = relation.table !== null && source.base.known.has(relation.table)
    if (isTableKnown && relation.keyColumns.includes(0)) modelled.push(...(await modelIndex(source, relation)))
  }
  return modelled
}

const lacks = (source: AnalyseSource, relation: CatalogRelation, name: string): boolean =>
  !(source.statistics.get(relation.oid) ?? []).some(({ column }) => column === name)

async function modelTable(source: AnalyseSource, table: CatalogRelation): Promise<readonly ModelledColumn[]> {
  const modelled: ModelledColumn[] = []
  const before = source.base.catalog.columns.get(table.oid) ?? []
  const known = source.base.known.get(table.oid)?.columns ?? []
  for (const column of source.state.columns.get(table.oid) ?? []) {
    if (!lacks(source, table, column.name)) continue
    const old = before.find(({ number }) => number === column.number)
    const own = old === undefined ? [] : known.filter((one) => one.column === old.name)
    if (old !== undefined && own.length > 0) {
      for (const statistics of own)
        modelled.push({ relation: table, statistics: await retyped(source.client, { statistics, column, old }) })
    } else if (old === undefined)
      modelled.push({ relation: table, statistics: await added(source.client, table, column) })
  }
  return modelled
}

/** Values in their new type and order; those that cannot be cast leave the numbers without them. */
async function retyped(
  client: pg.Client,
  change: { readonly statistics: ColumnStatistics; readonly column: CatalogColumn; readonly old: CatalogColumn },
): Promise<ColumnStatistics> {
  const { statistics, column, old } = change
  const cast = async (array: string | null, sort: boolean): Promise<string | null> => {
    if (array === null) return null
    const value = `v::${old.type}::${column.type}`
    const order = sort ? `order by ${value}` : 'order by n'
    const sql = `select array_agg((${value})::text ${order})::text as cast from unnest(${literal(array)}::text[]) with ordinality u (v, n)`
    try {
      const { rows } = await client.query<{ cast: string | null }>(sql)
      return rows[0]?.cast ?? null
    } catch (error) {
      if (sqlStateOf(error) === undefined) throw error
      return null
    }
  }
  const common = await cast(statistics.mostCommonVals, false)
  return {
    ...statistics,
    ...NOTHING,
    column: column.name,
    avgWidth: column.length > 0 ? column.length : statistics.avgWidth,
    correlation: statistics.correlation,
    mostCommonVals: common,
    mostCommonFreqs: common === null ? null : statistics.mostCommonFreqs,
    histogramBounds: await cast(statistics.histogramBounds, true),
  }
}

const DEFAULT_OF = `
  select case when a.atthasmissing then (a.attmissingval::text::text[])[1] end as missing,
    pg_get_expr(d.adbin, d.adrelid) as expression
  from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = $1 and a.attnum = $2`

/** A new column holds its default in every row, or a different value in each when the default is a volatile function. */
async function added(client: pg.Client, table: CatalogRelation, column: CatalogColumn): Promise<ColumnStatistics> {
  const { rows } = await client.query<{ missing: string | null; expression: string | null }>(DEFAULT_OF, [
    table.oid,
    column.number,
  ])
  const [found] = rows
  const base = { ...NOTHING, column: column.name, inherited: false, avgWidth: Math.max(0, column.length) }
  if (found === undefined || (found.missing === null && found.expression === null))
    return { ...base, nullFrac: 1, nDistinct: 0 }
  if (found.missing === null || column.generated)
    return { ...base, nullFrac: 0, avgWidth: base.avgWidth || 16, nDistinct: -1 }
  return {
    ...base,
    nullFrac: 0,
    avgWidth: column.length > 0 ? column.length : Buffer.byteLength(found.missing) + 1,
    nDistinct: 1,
    correlation: 1,
    mostCommonVals: arrayOf([found.missing]),
    mostCommonFreqs: [1],
  }
}

async function modelIndex(source: AnalyseSource, index: CatalogRelation): Promise<readonly ModelledColumn[]> {
  const table = index.table === null ? undefined : source.state.relations.get(index.table)
  if (table === undefined) return []
  const modelled: ModelledColumn[] = []
  for (const [at, column] of (source.state.columns.get(index.oid) ?? []).entries()) {
    if (index.keyColumns[at] !== 0 || !lacks(source, index, column.name)) continue
    const expression = await expressionOf(source.client, index, at + 1)
    if (expression === null) continue
    const inputs = (source.state.columns.get(table.oid) ?? []).flatMap((input) => {
      const statistics = source.statistics.get(table.oid)?.find((one) => one.column === input.name && !one.inherited)
      return statistics === undefined ? [] : [{ column: input, statistics }]
    })
    const found = await expressionStatistics(source.client, {
      name: column.name,
      length: column.length,
      expression,
      inputs,
    })
    if (found !== null) modelled.push({ relation: index, statistics: found })
  }
  return modelled
}

async function expressionOf(client: pg.Client, index: CatalogRelation, position: number): Promise<string | null> {
  try {
    const { rows } = await client.query<{ expression: string }>('select pg_get_indexdef($1, $2, false) as expression', [
      index.oid,
      position,
    ])
    return rows[0]?.expression ?? null
  } catch (error) {
    throw new Error(`${quoted(index.name)}: ${messageOf(error)}`, { cause: error })
  }
}
