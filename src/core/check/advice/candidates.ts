/** Indexes that could help a query, from its plan: not yet planned, so only possibilities. */
import { tokensOf } from '../../postgres/tokens.ts'
import type { AppliedStatement, PlannedQuery } from '../plans.ts'
import type { RelationSnapshot } from '../snapshot.ts'
import type { Catalogue } from './catalogue.ts'
import type { Conjunct, KeySpec, OrderSpec } from './conditions.ts'
import { covers, plainName, quotedIfNeeded, sameIndexKey, shapeOfIndex } from './index-shape.ts'
import { type IndexableScan, indexableScans } from './scans.ts'

/** An index that may be worth having. */
export interface Candidate {
  readonly schema: string
  readonly table: string
  /** What stands behind `ON table`: `USING btree (a, b) WHERE c`. */
  readonly body: string
  readonly unique: boolean
  /** Columns that it holds, in keys, INCLUDE and predicate. */
  readonly columns: readonly string[]
  readonly keys: number
  readonly covering: boolean
  readonly partial: boolean
  /** The change drops exactly this index. */
  readonly dropped: { readonly name: string; readonly by: AppliedStatement } | null
}

/** More keys serve fewer queries and cost every write. */
const MAX_KEYS = 3
/** An index that holds whole rows is a second table. */
const MAX_INCLUDED = 4
const MAX_INCLUDED_BYTES = 64
/** Values of a column that says in which state a row is. */
const MAX_STATES = 100
/** Smaller tables are read whole in less time than an index takes to look up. */
export const LEAST_PAGES = 16

interface Parts {
  readonly method?: string
  readonly keys: readonly (KeySpec & { readonly order?: string })[]
  readonly include?: readonly string[]
  readonly where?: readonly string[]
}

const keySql = (key: KeySpec & { readonly order?: string }): string =>
  `${key.column === null ? `(${key.sql})` : key.sql}${key.order ?? ''}`

const unique = <T>(list: readonly T[], key: (one: T) => string): readonly T[] =>
  [...new Map([...list].reverse().map((one) => [key(one), one])).values()].reverse()

function built(relation: RelationSnapshot, parts: Parts): Candidate | null {
  const keys = unique(parts.keys, (key) => key.sql).slice(0, MAX_KEYS)
  if (keys.length === 0) return null
  const names = (text: string) =>
    tokensOf(text).flatMap((one) => (one.kind === 'word' || one.kind === 'quoted' ? [plainName(one)] : []))
  const include = (parts.include ?? []).filter((column) => keys.every((key) => key.column !== column))
  const where = parts.where ?? []
  const own = new Set(relation.columns.map((column) => column.column))
  const named = [...keys.flatMap((key) => names(key.sql)), ...include, ...where.flatMap(names)]
  return {
    schema: relation.schema,
    table: relation.name,
    body: [
      `${parts.method === undefined ? '' : `USING ${parts.method} `}(${keys.map(keySql).join(', ')})`,
      ...(include.length === 0 ? [] : [`INCLUDE (${include.map(quotedIfNeeded).join(', ')})`]),
      ...(where.length === 0 ? [] : [`WHERE ${where.map((one) => `(${one})`).join(' AND ')}`]),
    ].join(' '),
    unique: false,
    columns: [...new Set(named.filter((column) => own.size === 0 || own.has(column)))],
    keys: keys.length,
    covering: include.length > 0,
    partial: where.length > 0,
    dropped: null,
  }
}

/** Values in a column, as statistics count them: negative ones are shares of the rows. */
function distinct(relation: RelationSnapshot, column: string | null): number {
  const known = relation.columns.find((one) => one.column === column)?.nDistinct
  if (known === undefined) return 0
  return known < 0 ? -known * relation.reltuples : known
}

/** Columns of the table that the query names and that the keys lack; null when it asks for all or for too many. */
function includable(relation: RelationSnapshot, query: string): readonly string[] | null {
  const tokens = tokensOf(query)
  const all = tokens.some(
    (one, at) => one.text === '*' && ['select', ',', '.', 'distinct'].includes(tokens[at - 1]?.text ?? ''),
  )
  const named = new Set(tokens.flatMap((one) => (one.kind === 'word' || one.kind === 'quoted' ? [plainName(one)] : [])))
  const columns = relation.columns.filter((column) => named.has(column.column))
  return all || columns.length === 0 ? null : unique(columns, (one) => one.column).map((one) => one.column)
}

function withinWidth(relation: RelationSnapshot, columns: readonly string[]): boolean {
  const width = columns.reduce(
    (sum, name) => sum + (relation.columns.find((column) => column.column === name)?.avgWidth ?? 0),
    0,
  )
  return columns.length > 0 && columns.length <= MAX_INCLUDED && width <= MAX_INCLUDED_BYTES
}

/** Equal ones first, then what sorts, else a range: the order in which a btree can use its keys. */
function keyLists(
  relation: RelationSnapshot,
  conditions: readonly Conjunct[],
  order: readonly OrderSpec[],
): readonly (readonly (KeySpec & { readonly order?: string })[])[] {
  const rarest = (a: Conjunct, b: Conjunct) => distinct(relation, b.key.column) - distinct(relation, a.key.column)
  const equal = conditions.filter((one) => one.use === 'equal' && !one.join).sort(rarest)
  const joins = conditions.filter((one) => one.use === 'equal' && one.join)
  const ranges = conditions.filter((one) => one.use === 'range' && !one.join)
  const points = equal.map((one) => one.key)
  const lists: (readonly (KeySpec & { readonly order?: string })[])[] = [points, points.slice(0, 1)]
  if (order.length > 0 && points.length < MAX_KEYS) lists.push([...points, ...order])
  for (const range of ranges) lists.push([...points.slice(0, MAX_KEYS - 1), range.key])
  for (const join of joins) lists.push([join.key, ...points])
  return lists.filter((list) => list.length > 0)
}

/** A constant that picks one of a few states is worth an index of its own rows; one of many values is not. */
function isState(relation: RelationSnapshot, { use, key }: Conjunct): boolean {
  const values = distinct(relation, key.column)
  return use === 'equal' && values > 0 && values <= MAX_STATES
}

function ofScan(scan: IndexableScan, relation: RelationSnapshot, query: string): readonly Candidate[] {
  const { conditions, order } = scan
  const constants = unique(
    conditions.filter((one) => one.constant !== null && isState(relation, one)),
    (one) => one.constant ?? '',
  )
  const rest = conditions.filter((one) => !constants.includes(one))
  const where = constants.flatMap((one) => one.constant ?? [])
  const whole: readonly Parts[] = keyLists(relation, conditions, order).map((keys) => ({ keys }))
  // The predicate does the equality's work; an index must still have a key.
  const rests = keyLists(relation, rest, order)
  const first = constants[0]
  const partial: readonly Parts[] =
    first === undefined ? [] : (rests.length > 0 ? rests : [[first.key]]).map((keys) => ({ keys, where }))
  const named = includable(relation, query)
  const covering = (named === null ? [] : [...whole, ...partial]).flatMap((parts): readonly Parts[] => {
    const include = (named ?? []).filter(
      (column) => !parts.keys.slice(0, MAX_KEYS).some((key) => key.column === column),
    )
    return withinWidth(relation, include) ? [{ ...parts, include }] : []
  })
  const contained = conditions.filter((one) => one.use === 'contains' && !one.join)
  const gin: readonly Parts[] = contained.map((one) => ({ method: 'gin', keys: [one.key] }))
  return [...whole, ...partial, ...gin, ...covering].flatMap((parts) => built(relation, parts) ?? [])
}

const INDEX_HEAD =
  /^\s*create\s+(unique\s+)?index\s+(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?(?:"[^"]+"|[^\s"(]+)?\s*on\s+(?:only\s+)?(?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+))?\s*/i

/** The indexes on these tables that the change drops, as they were. */
export function droppedCandidates(
  catalogue: Catalogue,
  applied: readonly AppliedStatement[],
  tables: ReadonlySet<string>,
): readonly Candidate[] {
  return [...catalogue.before.values()].flatMap(({ shape, sql }): readonly Candidate[] => {
    const by = applied.find((one) => one.dropped.some((name) => name.split('.').at(-1) === shape.name))
    if (by === undefined || sql === null || catalogue.after.has(shape.name) || !tables.has(shape.table)) return []
    const body = sql.replace(INDEX_HEAD, '').replace(/;\s*$/, '')
    if (body === sql) return []
    return [
      {
        schema: shape.schema,
        table: shape.table,
        body,
        unique: shape.unique,
        columns: [...shape.keys.flatMap((key) => key.column ?? []), ...shape.include],
        keys: shape.keys.length,
        covering: shape.include.length > 0,
        partial: shape.predicate !== null,
        dropped: { name: shape.name, by },
      },
    ]
  })
}

/** CREATE INDEX of a candidate. `name`: as is. */
export const createIndex = (candidate: Candidate, name: string, concurrently: boolean): string => {
  const on = candidate.schema === 'public' ? '' : `${quotedIfNeeded(candidate.schema)}.`
  const head = `CREATE ${candidate.unique ? 'UNIQUE ' : ''}INDEX ${concurrently ? 'CONCURRENTLY ' : ''}`
  return `${head}${quotedIfNeeded(name)} ON ${on}${quotedIfNeeded(candidate.table)} ${candidate.body}`
}

/** Two candidates with one key are one index. */
export const candidateKey = (candidate: Candidate): string => {
  const shape = shapeOfIndex(createIndex(candidate, 'candidate', false))
  return shape === null ? `${candidate.table} ${candidate.body}` : sameIndexKey(shape)
}

/** An index that is there after the change and does all that the candidate would do. */
export function isCovered(candidate: Candidate, catalogue: Catalogue): boolean {
  const shape = shapeOfIndex(createIndex(candidate, 'candidate', false))
  if (shape === null) return true
  return [...catalogue.after.values()].some((known) => covers(known.shape, { ...shape, unique: false }))
}

/** All candidates for a query, simplest first, without those that an index covers already. */
export function candidatesFor(planned: PlannedQuery, catalogue: Catalogue): readonly Candidate[] {
  const scans = planned.variants.flatMap((variant) => indexableScans(variant.plan, planned.query.text))
  const found = scans.flatMap((scan) => {
    const relation = catalogue.relations.get(scan.relation)
    // A partition's index belongs on the parent, so that the next partition has it too.
    const table = relation && (catalogue.relations.get(catalogue.parents.get(relation.name) ?? '') ?? relation)
    if (relation === undefined || table === undefined || relation.pages < LEAST_PAGES) return []
    const columns = table.columns.length > 0 ? table.columns : relation.columns
    return ofScan(scan, { ...table, columns }, planned.query.text)
  })
  const weight = (one: Candidate) => one.keys + (one.partial ? 1 : 0) + (one.covering ? 10 : 0)
  return unique(found, candidateKey)
    .filter((candidate) => !isCovered(candidate, catalogue))
    .toSorted((a, b) => weight(a) - weight(b))
}
