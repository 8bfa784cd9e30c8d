/**
 * Rows at the ends of the data. For a range near the edge of a histogram, and for merge joins, the planner looks up the real ends
 * in an index (get_actual_variable_range); two rows, one with every column at its low and one at its high end, let it find them.
 */
import type pg from 'pg'
import type { ColumnStatistics, RelationSnapshot } from '../../../core/check/snapshot.ts'
import type { Catalog, CatalogColumn, CatalogRelation } from '../catalog.ts'
import { elementsOf, inChunks, literal, messageOf, quoted, sqlStateOf } from '../connection.ts'

/** Tables whose locks one transaction holds. */
const TABLES_TOGETHER = 100
/** Expressions of one query. */
const ENDS_TOGETHER = 200

/** The ends of a column as text. */
export interface Ends {
  readonly low: string
  readonly high: string
}

/** A table and the ends of its columns. */
export interface EndRows {
  readonly table: CatalogRelation
  readonly columns: readonly { readonly column: CatalogColumn; readonly ends: Ends }[]
}

const endsKey = (relation: number, column: string): string => `${relation}.${column}`

/** Columns of btrees: only those are looked up, and only they surely have an order. */
function orderedColumns(catalog: Catalog): ReadonlySet<string> {
  const found = new Set<string>()
  for (const index of catalog.relations.values()) {
    if (index.table === null || index.method !== 'btree') continue
    const columns = catalog.columns.get(index.table) ?? []
    for (const number of index.keyColumns) {
      const column = columns.find((one) => one.number === number)
      if (column !== undefined) found.add(endsKey(index.table, column.name))
    }
  }
  return found
}

/**
 * The ends of each column: as read from an index in production, else the least and the greatest value that the statistics
 * name, by the order of the column's type.
 */
export async function findEnds(
  client: pg.Client,
  source: { readonly catalog: Catalog; readonly known: ReadonlyMap<number, RelationSnapshot> },
): Promise<ReadonlyMap<string, Ends>> {
  const ordered = orderedColumns(source.catalog)
  const ends = new Map<string, Ends>()
  const asked: { readonly key: string; readonly sql: string }[] = []
  for (const [oid, relation] of source.known) {
    for (const statistics of relation.columns) {
      const column = source.catalog.columns.get(oid)?.find(({ name }) => name === statistics.column)
      if (column === undefined || (statistics.inherited && relation.kind !== 'p')) continue
      const key = endsKey(oid, column.name)
      const simple = simpleEnds(statistics)
      if (simple !== null) ends.set(key, simple)
      const exact = statistics.low !== null && statistics.high !== null
      if (!exact && ordered.has(key)) asked.push({ key, sql: leastAndGreatest(statistics, column) })
    }
  }
  for (const group of inChunks(asked, ENDS_TOGETHER))
    for (const [key, found] of await ask(client, group)) ends.set(key, found)
  return ends
}

/** Without asking for an order: exact ones, those of the histogram, or some value. */
function simpleEnds(statistics: ColumnStatistics): Ends | null {
  const [bounds, common] = [elementsOf(statistics.histogramBounds), elementsOf(statistics.mostCommonVals)]
  const low = statistics.low ?? bounds[0] ?? common[0]
  const high = statistics.high ?? bounds.at(-1) ?? common.at(-1)
  return low === undefined || high === undefined ? null : { low, high }
}

function leastAndGreatest(statistics: ColumnStatistics, { type }: CatalogColumn): string {
  const arrays = [statistics.histogramBounds, statistics.mostCommonVals].filter((array) => array !== null)
  const values = arrays.map((array) => `${literal(array)}::text[]`).join(' || ') || `'{}'::text[]`
  const end = (order: string) => `(select v from unnest(${values}) v order by v::${type} ${order} limit 1)`
  return `array[${statistics.low === null ? end('asc') : literal(statistics.low)}, ${
    statistics.high === null ? end('desc') : literal(statistics.high)
  }]`
}

type Asked = readonly { readonly key: string; readonly sql: string }[]

async function ask(client: pg.Client, group: Asked): Promise<readonly (readonly [string, Ends])[]> {
  try {
    const { rows } = await client.query<{ ends: (string | null)[] }>(
      group.map(({ sql }) => `select ${sql} as ends`).join(' union all '),
    )
    return rows.flatMap(({ ends: [low, high] }, at): (readonly [string, Ends])[] => {
      const key = group[at]?.key
      return key === undefined || low == null || high == null ? [] : [[key, { low, high }]]
    })
  } catch (error) {
    if (sqlStateOf(error) === undefined) throw error
    // One column whose values do not read as its type must not cost the others their ends; alone, it keeps its simple ones.
    if (group.length === 1) return []
    const halves = [group.slice(0, group.length >> 1), group.slice(group.length >> 1)]
    const found = []
    for (const half of halves) found.push(...(await ask(client, half)))
    return found
  }
}

/** The rows of a state: columns are found by their number, so that a renamed one keeps its ends. */
export function endRowsOf(
  state: Catalog,
  base: { readonly catalog: Catalog; readonly ends: ReadonlyMap<string, Ends> },
  wanted: (table: CatalogRelation) => boolean,
): readonly EndRows[] {
  return [...state.relations.values()].flatMap((table): EndRows[] => {
    if ((table.kind !== 'r' && table.kind !== 'm') || !wanted(table)) return []
    const before = base.catalog.columns.get(table.oid) ?? []
    const columns = (state.columns.get(table.oid) ?? []).flatMap((column) => {
      const old = before.find(({ number }) => number === column.number)
      const ends = old === undefined ? undefined : base.ends.get(endsKey(table.oid, old.name))
      return ends === undefined || column.generated ? [] : [{ column, ends }]
    })
    return [{ table, columns }]
  })
}

const tableName = ({ schema, name }: CatalogRelation): string => `${quoted(schema)}.${quoted(name)}`

function insertSql({ table, columns }: EndRows): string {
  if (columns.length === 0) return `insert into ${tableName(table)} default values`
  const row = (end: 'low' | 'high') =>
    columns.map(({ column, ends }) => `${literal(ends[end])}::${column.type}`).join(', ')
  const names = columns.map(({ column }) => quoted(column.name)).join(', ')
  const values = `(${row('low')}), (${row('high')})`
  return `insert into ${tableName(table)} (${names}) overriding system value values ${values} on conflict do nothing`
}

/** What stands in the way of a row that only has to lie at the ends: all of it is put back in the same transaction. */
const REMEMBER_CLASSES = `create temp table premortem_classes on commit drop as
  select oid, relchecks, relispartition, relhastriggers, relhasrules, relkind, relrowsecurity
  from pg_class where oid = any ($1::oid[])`
const DISARM_CLASSES = `update pg_class set relchecks = 0, relispartition = false, relhastriggers = false, relhasrules = false,
  relrowsecurity = false, relkind = 'r' where oid = any ($1::oid[])`
const REARM_CLASSES = `update pg_class c set relchecks = o.relchecks, relispartition = o.relispartition,
  relhastriggers = o.relhastriggers, relhasrules = o.relhasrules, relkind = o.relkind, relrowsecurity = o.relrowsecurity
  from premortem_classes o where o.oid = c.oid`
const REMEMBER_NULLS = `create temp table premortem_nulls on commit drop as
  select attrelid, attnum from pg_attribute where attrelid = any ($1::oid[]) and attnum > 0 and attnotnull`
const ALLOW_NULLS = `update pg_attribute a set attnotnull = false from premortem_nulls o where o.attrelid = a.attrelid and o.attnum = a.attnum`
const FORBID_NULLS = `update pg_attribute a set attnotnull = true from premortem_nulls o where o.attrelid = a.attrelid and o.attnum = a.attnum`

/** @returns the tables that could not be given their rows, with the reason */
export async function insertEndRows(
  client: pg.Client,
  rows: readonly EndRows[],
): Promise<readonly { readonly table: string; readonly reason: string }[]> {
  const failed: { readonly table: string; readonly reason: string }[] = []
  for (const group of inChunks(rows, TABLES_TOGETHER)) {
    const oids = [group.map(({ table }) => table.oid)]
    await client.query('begin')
    await client.query(
      `set local session_replication_role = replica; set local synchronous_commit = off; set local search_path = ''`,
    )
    for (const sql of [REMEMBER_CLASSES, DISARM_CLASSES, REMEMBER_NULLS]) await client.query(sql, oids)
    await client.query(ALLOW_NULLS)
    if ((await attempt(client, group.map(insertSql).join(';'))) !== null)
      for (const one of group) {
        const reason = await insertOne(client, one)
        if (reason !== null) failed.push({ table: tableName(one.table), reason })
      }
    await client.query(REARM_CLASSES)
    await client.query(FORBID_NULLS)
    await client.query('commit')
  }
  return failed
}

/** When not all of the row can be had, at least some. */
async function insertOne(client: pg.Client, one: EndRows): Promise<string | null> {
  const reason = await attempt(client, insertSql(one))
  if (reason === null) return null
  const possible: EndRows['columns'][number][] = []
  for (const entry of one.columns) {
    const { column, ends } = entry
    const reads = `select ${literal(ends.low)}::${column.type}, ${literal(ends.high)}::${column.type}`
    if ((await attempt(client, reads)) === null) possible.push(entry)
  }
  if ((await attempt(client, insertSql({ ...one, columns: possible }))) === null) return null
  return (await attempt(client, insertSql({ ...one, columns: [] }))) === null ? null : reason
}

async function attempt(client: pg.Client, sql: string): Promise<string | null> {
  await client.query('savepoint premortem_end')
  try {
    await client.query(sql)
    await client.query('release savepoint premortem_end')
    return null
  } catch (error) {
    await client.query('rollback to savepoint premortem_end')
    return messageOf(error)
  }
}
