/**
 * Replaces the values in column statistics by made-up ones of the same type and order, so that a snapshot may leave
 * production. What stays: frequencies, numbers of distinct values, correlation, widths, the order of values, rough
 * distances of numbers and times, and the constants that stand in the code.
 */
import type { EpochMs } from '../../../base/time.ts'
import type { ColumnStatistics, MissingPart, RelationSnapshot } from '../snapshot.ts'
import { mapValues, valuesOf, withoutValues } from './column-values.ts'
import { type ColumnFacts, type ColumnKey, type JoinedColumns, keyOf, orderKey } from './facts.ts'
import { groupColumns } from './groups.ts'
import { remapNumbers } from './numbers.ts'
import { RANKED_TYPES, remapRanked } from './ranked.ts'
import { remapTimes } from './times.ts'

/** What is replaced, and what must be known for it. */
export interface RemapRequest {
  readonly relations: readonly RelationSnapshot[]
  readonly facts: readonly ColumnFacts[]
  readonly joins: readonly JoinedColumns[]
  /** Of each `orderKey`: its values in the order of the database. */
  readonly sorted: ReadonlyMap<string, readonly string[]>
  /** Constants that stand in the code. */
  readonly literals: ReadonlySet<string>
  readonly now: EpochMs
}

const NUMBERS = new Set(['int2', 'int4', 'int8', 'numeric', 'float4', 'float8', 'oid'])
const TIMES = new Set(['date', 'timestamp', 'timestamptz', 'time'])
const RANKED = new Set(RANKED_TYPES)
/** Nothing to hide: truth values and names that the schema lists. */
const OPEN = new Set(['bool', 'char'])

/** How values of a type are replaced. */
export type Treatment = 'keep' | 'number' | 'time' | 'ranked' | 'drop'

/** @returns `drop` for types whose values cannot be made up */
export function treatmentOf({ type, shape }: Pick<ColumnFacts, 'type' | 'shape'>): Treatment {
  if (shape === 'enum' || (OPEN.has(type) && shape !== 'range')) return 'keep'
  if (shape === 'other') return 'drop'
  if (NUMBERS.has(type)) return 'number'
  if (TIMES.has(type)) return 'time'
  return RANKED.has(type) && shape !== 'range' ? 'ranked' : 'drop'
}

interface Member {
  readonly facts: ColumnFacts
  readonly statistics: readonly ColumnStatistics[]
}

/** Values in the order of the database; ends that only an index knew stand outside of what ANALYZE saw. */
function inOrder(members: readonly Member[], sorted: readonly string[]): readonly string[] {
  const rank = new Map(sorted.map((value, at) => [value, at]))
  const places = new Map<string, number>()
  for (const { facts, statistics } of members) {
    for (const one of statistics) {
      const values = valuesOf({ ...one, low: null, high: null }, facts.shape)
      const known = values.map((value) => rank.get(value) ?? sorted.length)
      values.forEach((value, at) => {
        places.set(value, known[at] ?? 0)
      })
      const [least, most] = [known.reduce((a, b) => Math.min(a, b), 0), known.reduce((a, b) => Math.max(a, b), 0)]
      const ends = (end: string | null) =>
        end === null ? [] : valuesOf({ ...withoutValues(one), low: end }, facts.shape)
      for (const low of ends(one.low)) if (!places.has(low)) places.set(low, rank.get(low) ?? least - 0.5)
      for (const high of ends(one.high)) if (!places.has(high)) places.set(high, rank.get(high) ?? most + 0.5)
    }
  }
  return [...places].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1)).map(([value]) => value)
}

/** The narrowest limit of a group: what is made must fit everywhere. */
const limitOf = (members: readonly Member[]): number | null =>
  members.reduce<number | null>((least, { facts }) => {
    if (facts.limit === null) return least
    return least === null ? facts.limit : Math.min(least, facts.limit)
  }, null)

/** The narrowest type of a group of whole numbers. */
const typeOf = (members: readonly Member[]): string => {
  const types = new Set(members.map(({ facts }) => facts.type))
  return ['int2', 'int4', 'int8'].find((type) => types.has(type)) ?? members[0]?.facts.type ?? ''
}

function replacements(members: readonly Member[], request: RemapRequest): ReadonlyMap<string, string> | null {
  const [first] = members
  if (first === undefined) return new Map()
  const treatment = treatmentOf(first.facts)
  const literals = [...request.literals]
  const values = () => [
    ...new Set(members.flatMap(({ facts, statistics }) => statistics.flatMap((one) => valuesOf(one, facts.shape)))),
  ]
  const limit = limitOf(members)
  if (treatment === 'number') return remapNumbers(values(), { type: typeOf(members), limit, literals })
  if (treatment === 'time') return remapTimes(values(), { type: first.facts.type, now: request.now, literals })
  if (treatment !== 'ranked') return null
  const sorted = inOrder(members, request.sorted.get(orderKey(first.facts)) ?? [])
  return remapRanked(sorted, { type: first.facts.type, limit, literals: request.literals })
}

/** One line for all columns that lost their values, by type. */
function dropped(columns: readonly ColumnFacts[]): readonly MissingPart[] {
  return [...Map.groupBy(columns, ({ type }) => type)].sort().map(([type, list]) => {
    const shown = list.slice(0, 3).map(({ relation, column }) => `${relation}.${column}`)
    const more = list.length > 3 ? ` and ${list.length - 3} more` : ''
    const why = `no values of the type ${type} can be made up for them, so none left the database`
    return { what: `values of ${shown.join(', ')}${more}`, why, grant: null }
  })
}

/** How the values of each column are replaced; null: they are left out. */
function plan(request: RemapRequest): {
  readonly changes: ReadonlyMap<ColumnKey, ReadonlyMap<string, string> | null>
  readonly lost: readonly ColumnFacts[]
} {
  const statistics = new Map<ColumnKey, ColumnStatistics[]>()
  for (const { schema, name, columns } of request.relations) {
    for (const column of columns) {
      const key = keyOf(`${schema}.${name}`, column.column)
      statistics.set(key, [...(statistics.get(key) ?? []), column])
    }
  }
  const known = request.facts.filter((one) => statistics.has(keyOf(one.relation, one.column)))
  const changes = new Map<ColumnKey, ReadonlyMap<string, string> | null>()
  const lost: ColumnFacts[] = []
  for (const group of groupColumns(known, request.joins)) {
    const members = group
      .filter((facts) => treatmentOf(facts) !== 'keep')
      .map((facts) => ({ facts, statistics: statistics.get(keyOf(facts.relation, facts.column)) ?? [] }))
    const change = replacements(members, request)
    for (const { facts, statistics: own } of members) {
      changes.set(keyOf(facts.relation, facts.column), change)
      if (change === null && own.some((one) => valuesOf(one, facts.shape).length > 0)) lost.push(facts)
    }
  }
  return { changes, lost }
}

/** The relations with made-up values, and which columns have none because their type allows it not. */
export function remapRelations(request: RemapRequest): {
  readonly relations: readonly RelationSnapshot[]
  readonly missing: readonly MissingPart[]
} {
  const { changes, lost } = plan(request)
  const facts = new Map(request.facts.map((one) => [keyOf(one.relation, one.column), one]))
  const relations = request.relations.map((relation) => ({
    ...relation,
    columns: relation.columns.map((column) => {
      const key = keyOf(`${relation.schema}.${relation.name}`, column.column)
      const known = facts.get(key)
      if (known !== undefined && treatmentOf(known) === 'keep') return column
      const change = changes.get(key)
      if (known === undefined || change === null || change === undefined) return withoutValues(column)
      // Each value was collected before, so each has its replacement; were one missing, it must not leave.
      return mapValues(column, known.shape, (value) => change.get(value) ?? '')
    }),
  }))
  return { relations, missing: dropped(lost) }
}
