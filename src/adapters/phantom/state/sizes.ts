/** How long each relation of a state is, and what the planner is to read of it: production's figures, or modelled ones. */
import type pg from 'pg'
import type { ColumnStatistics, RelationSnapshot } from '../../../core/check/snapshot.ts'
import type { Base } from '../base/build.ts'
import { type Catalog, type CatalogColumn, type CatalogRelation, numericOption } from '../catalog.ts'
import { elementsOf, quoted } from '../connection.ts'
import type { FileShape } from '../files/lengthen.ts'
import { heightOfBtree, sizeOfBtree } from '../sizes/btree.ts'
import { pagesOfHeap } from '../sizes/heap.ts'
import { pagesOfOther } from '../sizes/other.ts'

/** Bytes assumed of a value of varying length of which no statistics tell. */
const UNKNOWN_BYTES = 16
/** Elements of a value that GIN indexes, where no statistics tell. */
const UNKNOWN_ELEMENTS = 5
/** A predicate that cannot be estimated is taken to select as the planner's own default for equality does. */
const UNKNOWN_SELECTIVITY = 0.005
/** Types whose equal values may differ in their bytes, so that nbtree does not share entries among them. */
const NOT_EQUAL_IMAGES = new Set(['numeric', 'real', 'double precision', 'jsonb', 'money'])
/** Rows that a table is given for a moment, so that a row estimate tells a selectivity with many digits. */
const MANY_ROWS = 1e9

/** One relation of a state. */
export interface SizedRelation {
  readonly relation: CatalogRelation
  readonly pages: number
  readonly reltuples: number
  readonly relallvisible: number
  readonly inside: FileShape['inside']
  /** True for what production does not have (or not in this form). */
  readonly modelled: boolean
}

/** What sizes are made of. */
export interface SizeSource {
  readonly client: pg.Client
  readonly base: Base
  readonly state: Catalog
  /** Column statistics as they are in the state, by relation. */
  readonly statistics: ReadonlyMap<number, readonly ColumnStatistics[]>
  /** Tables that the change has emptied: their new files stay empty. */
  readonly emptied: ReadonlySet<number>
}

/** Every relation with files, tables first. What the change created and left empty is not among them. */
export async function sizesOf(source: SizeSource): Promise<ReadonlyMap<number, SizedRelation>> {
  const sized = new Map<number, SizedRelation>()
  const relations = [...source.state.relations.values()].filter(({ path }) => path !== null)
  for (const relation of relations) {
    if (relation.table !== null) continue
    const table = sizeOfTable(source, relation)
    if (table !== null) sized.set(relation.oid, table)
  }
  for (const relation of relations) {
    const table = relation.table === null ? undefined : sized.get(relation.table)
    if (table !== undefined) sized.set(relation.oid, await sizeOfIndex(source, { relation, table }))
  }
  return sized
}

/** Rows that the table has now: the density of the last ANALYZE on the pages of today, as the planner reckons. */
const rowsOf = ({ reltuples, relpages, pages }: RelationSnapshot): number =>
  relpages > 0 && reltuples > 0 ? (reltuples / relpages) * pages : Math.max(0, reltuples)

const isUnchanged = (source: SizeSource, relation: CatalogRelation): boolean =>
  source.base.catalog.relations.get(relation.oid)?.filenode === relation.filenode

function sizeOfTable(source: SizeSource, relation: CatalogRelation): SizedRelation | null {
  const known = source.base.known.get(relation.oid)
  if (known === undefined || source.emptied.has(relation.oid)) return null
  if (isUnchanged(source, relation))
    return {
      relation,
      pages: known.pages,
      reltuples: known.reltuples,
      relallvisible: known.relallvisible,
      inside: { kind: 'none' },
      modelled: false,
    }
  const columns = source.state.columns.get(relation.oid) ?? []
  const statistics = source.statistics.get(relation.oid) ?? []
  const rowBytes = columns.reduce((sum, column) => sum + meanBytes(column, statistics), 0)
  const fillfactor = numericOption(relation, 'fillfactor')
  const shape = {
    tuples: rowsOf(known),
    rowBytes,
    columns: columns.length,
    ...(fillfactor === undefined ? {} : { fillfactor }),
  }
  // New files have no visibility map: index-only scans pay for that until the next VACUUM, as in production.
  return {
    relation,
    pages: pagesOfHeap(shape),
    reltuples: shape.tuples,
    relallvisible: 0,
    inside: { kind: 'none' },
    modelled: true,
  }
}

const statisticsOf = (statistics: readonly ColumnStatistics[], name: string): ColumnStatistics | undefined =>
  statistics.find(({ column, inherited }) => column === name && !inherited)

function meanBytes(column: CatalogColumn, statistics: readonly ColumnStatistics[]): number {
  const found = statisticsOf(statistics, column.name)
  const width = column.length > 0 ? column.length : (found?.avgWidth ?? UNKNOWN_BYTES)
  return width * (1 - (found?.nullFrac ?? 0))
}

type IndexSource = { readonly relation: CatalogRelation; readonly table: SizedRelation }

async function sizeOfIndex(source: SizeSource, index: IndexSource): Promise<SizedRelation> {
  const { relation, table } = index
  const known = source.base.known.get(relation.oid)
  const keys = keysOf(source, relation)
  if (known !== undefined && !table.modelled && isUnchanged(source, relation)) {
    const { pages, reltuples } = known
    const height = known.height ?? heightOfBtree({ pages, pivotBytes: keys.pivotBytes })
    const inside = insideOf({ relation, table, height, gin: known.gin ?? null })
    return { relation, pages, reltuples, relallvisible: 0, inside, modelled: false }
  }
  const share = relation.predicate === null ? 1 : await selectivityOf(source.client, table.relation, relation.predicate)
  const tuples = Math.round(tableRows(source, table) * share)
  const { pages, height } =
    relation.method === 'btree'
      ? sizeOfBtree({ ...keys, ...duplicatesOf(source, relation, tuples), tuples, ...fill(relation) })
      : { pages: pagesOfOther(otherOf(source, index, { tuples, keyBytes: keys.keyBytes })), height: 0 }
  const inside = insideOf({ relation, table, height, gin: null })
  return { relation, pages, reltuples: tuples, relallvisible: 0, inside, modelled: true }
}

const fill = (relation: CatalogRelation) => {
  const fillfactor = numericOption(relation, 'fillfactor')
  return fillfactor === undefined ? {} : { fillfactor }
}

function tableRows(source: SizeSource, table: SizedRelation): number {
  const known = source.base.known.get(table.relation.oid)
  return table.modelled || known === undefined ? table.reltuples : rowsOf(known)
}

function insideOf(index: {
  readonly relation: CatalogRelation
  readonly table: SizedRelation
  readonly height: number
  readonly gin: NonNullable<RelationSnapshot['gin']> | null
}): FileShape['inside'] {
  if (index.relation.method === 'btree') return { kind: 'btree', height: index.height }
  if (index.relation.method === 'gin') return { kind: 'gin', known: index.gin }
  if (index.relation.method === 'brin') return { kind: 'brin', tablePages: index.table.pages }
  return { kind: 'none' }
}

const BOUNDARY = { c: 1, s: 2, i: 4, d: 8 } as const

/** Bytes of an index entry's values, each at the boundary that its type asks for. */
function keysOf(
  source: SizeSource,
  relation: CatalogRelation,
): { readonly keyBytes: number; readonly pivotBytes: number } {
  const columns = source.state.columns.get(relation.oid) ?? []
  const widths = columns.map((column, at) => {
    const plain = plainColumn(source, relation, at)
    const found = plain?.statistics ?? statisticsOf(source.statistics.get(relation.oid) ?? [], column.name)
    return { column, width: column.length > 0 ? column.length : (found?.avgWidth ?? UNKNOWN_BYTES) }
  })
  const bytes = (list: typeof widths) =>
    list.reduce((at, { column, width }) => {
      const boundary = column.length > 0 ? BOUNDARY[column.align] : 1
      return Math.ceil(at / boundary) * boundary + width
    }, 0)
  return { keyBytes: bytes(widths), pivotBytes: bytes(widths.slice(0, Math.max(1, relation.keys))) }
}

/** The table's column behind an index's column; undefined for an expression. */
function plainColumn(source: SizeSource, index: CatalogRelation, at: number) {
  const number = index.keyColumns[at]
  if (index.table === null || number === undefined || number === 0) return undefined
  const column = source.state.columns.get(index.table)?.find((one) => one.number === number)
  if (column === undefined) return undefined
  return { column, statistics: statisticsOf(source.statistics.get(index.table) ?? [], column.name) }
}

function duplicatesOf(
  source: SizeSource,
  index: CatalogRelation,
  tuples: number,
): { readonly distinct: number; readonly common: readonly number[]; readonly deduplicates: boolean } {
  const columns = source.state.columns.get(index.oid) ?? []
  const equal = columns.every(({ type }) => !NOT_EQUAL_IMAGES.has(type.replace(/\(.*/, '')))
  const included = columns.length > index.keys
  const deduplicates = equal && !included && !index.options.includes('deduplicate_items=off')
  if (index.unique) return { distinct: tuples, common: [], deduplicates }
  const found = columns.map((column, at) => {
    const plain = plainColumn(source, index, at)
    return plain === undefined ? statisticsOf(source.statistics.get(index.oid) ?? [], column.name) : plain.statistics
  })
  const distinct = found.reduce((product, one) => Math.min(tuples, product * distinctOf(one, tuples)), 1)
  const [only] = found
  const nulls = (only?.nullFrac ?? 0) * tuples
  const common = found.length === 1 ? [...(only?.mostCommonFreqs ?? []).map((share) => share * tuples), nulls] : []
  return { distinct: Math.max(1, distinct), common: common.filter((rows) => rows >= 1), deduplicates }
}

function distinctOf(statistics: ColumnStatistics | undefined, tuples: number): number {
  if (statistics === undefined || statistics.nDistinct === 0) return tuples
  return Math.max(1, statistics.nDistinct < 0 ? -statistics.nDistinct * tuples : statistics.nDistinct)
}

function otherOf(
  source: SizeSource,
  index: IndexSource,
  entry: { readonly tuples: number; readonly keyBytes: number },
) {
  const [first] = index.relation.keyColumns.map((_, at) => plainColumn(source, index.relation, at)?.statistics)
  const histogram = first?.elemCountHistogram ?? null
  const ranges = numericOption(index.relation, 'pages_per_range')
  const common = elementsOf(first?.mostCommonElems ?? null).length
  return {
    method: index.relation.method ?? '',
    ...entry,
    tablePages: index.table.pages,
    ...(ranges === undefined ? {} : { pagesPerRange: ranges }),
    // The histogram's last number is its mean.
    elements:
      histogram?.at(-1) ??
      (common > 0 ? (first?.mostCommonElemFreqs ?? []).slice(0, common).reduce((a, b) => a + b, 0) : UNKNOWN_ELEMENTS),
  }
}

/** The planner's own estimate, asked for while the table has a row count that leaves it many digits. */
async function selectivityOf(client: pg.Client, table: CatalogRelation, predicate: string): Promise<number> {
  await client.query('begin')
  try {
    await client.query('update pg_class set relpages = 1, reltuples = $2 where oid = $1', [table.oid, MANY_ROWS])
    const { rows } = await client.query<{ 'QUERY PLAN': readonly { Plan: { 'Plan Rows': number } }[] }>(
      `explain (format json) select from only ${quoted(table.schema)}.${quoted(table.name)} where ${predicate}`,
    )
    const { rows: files } = await client.query<{ pages: number }>(
      `select (pg_relation_size($1::oid) / current_setting('block_size')::int8)::float8 as pages`,
      [table.oid],
    )
    const estimate = rows[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows']
    const pages = files[0]?.pages ?? 0
    return estimate === undefined || pages === 0 ? UNKNOWN_SELECTIVITY : Math.min(1, estimate / (MANY_ROWS * pages))
  } finally {
    await client.query('rollback')
  }
}
