/** The snapshot as text: the same snapshot gives the same text, and what changed in the database is what a diff shows. */
import type { ColumnStatistics, RelationSnapshot, SchemaStatement, Snapshot } from './snapshot.ts'

/** Frequencies and correlations come from samples of 30,000 rows: further digits say nothing. */
const DIGITS = 5

const round = (value: number): number => (Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS)))

/** What a reader puts in where a key is missing; null for all others. */
const LEFT_OUT: Readonly<Record<string, unknown>> = {
  inherited: false,
  schema: 'public',
  valid: true,
  extension: null,
  columns: [],
}

const isLeftOut = (key: string, value: unknown): boolean => {
  if (value === null || value === undefined) return true
  return Array.isArray(value) ? key === 'columns' && value.length === 0 : value === LEFT_OUT[key]
}

/** Keys come first in this order, then the others as they are. */
const FIRST = ['schema', 'name', 'kind', 'table', 'column', 'is', 'fingerprint']
const place = (key: string): number => (FIRST.includes(key) ? FIRST.indexOf(key) : FIRST.length)

/** One line, without what a reader knows anyway. */
function line(value: object): string {
  const kept = Object.entries(value)
    .filter(([key, one]) => !isLeftOut(key, one))
    .sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1))
  return JSON.stringify(Object.fromEntries(kept), (_key, one: unknown) => (typeof one === 'number' ? round(one) : one))
}

const lines = (values: readonly object[]): string =>
  values.length === 0 ? '[]' : `[\n${values.map((value) => line(value)).join(',\n')}\n]`

/** Equal neighbours in one: `[value, how often]`. */
const runs = (values: readonly number[] | null): readonly (number | readonly [number, number])[] | null => {
  if (values === null) return null
  const found: [number, number][] = []
  for (const value of values.map(round)) {
    const last = found.at(-1)
    if (last !== undefined && last[0] === value) last[1] += 1
    else found.push([value, 1])
  }
  return found.flatMap((run): (number | readonly [number, number])[] => {
    const [value, count] = run
    return count > 2 ? [run] : Array.from({ length: count }, () => value)
  })
}

/** `is`: width, number of distinct values, correlation, share of nulls; the last is left out when it is 0. */
function columnText(column: ColumnStatistics): string {
  const { avgWidth, nDistinct, correlation, nullFrac, mostCommonVals, mostCommonFreqs, histogramBounds, ...others } =
    column
  const rest = {
    ...others,
    mostCommonElemFreqs: runs(column.mostCommonElemFreqs),
    elemCountHistogram: runs(column.elemCountHistogram),
  }
  const short = { common: mostCommonVals, freqs: runs(mostCommonFreqs), bounds: histogramBounds }
  const known = [avgWidth, nDistinct, correlation === null ? null : Number(correlation.toPrecision(4))]
  return line({ ...rest, is: nullFrac === 0 ? known : [...known, nullFrac], ...short })
}

/** Of an index where none is named. */
export const USUAL_METHOD = 'btree'

/** Left out besides: the kind of an index, `relpages` where it equals `pages`, `relallvisible` where it is 0, the method of a btree index. */
function relationText(relation: RelationSnapshot): string {
  const { columns, relpages, method, relallvisible, ...rest } = relation
  const head = line({
    ...rest,
    relpages: relpages === relation.pages ? null : relpages,
    relallvisible: relallvisible === 0 ? null : relallvisible,
    kind: relation.kind === 'i' ? null : relation.kind,
    method: method === USUAL_METHOD ? null : method,
  })
  if (columns.length === 0) return head
  const body = columns.map((column) => `  ${columnText(column)}`).join(',\n')
  return `${head.slice(0, -1)},"columns":[\n${body}]}`
}

/** `[kind, object, sql]`, and the extension that it needs. */
function statementsText(statements: readonly SchemaStatement[]): string {
  const printed = statements.map(({ kind, object, sql, extension }) =>
    JSON.stringify(extension === null ? [kind, object, sql] : [kind, object, sql, extension]),
  )
  return printed.length === 0 ? '[]' : `[\n${printed.join(',\n')}\n]`
}

const tablespaceText = ({ tablespaceCosts: costs = [] }: Snapshot): readonly (readonly [keyof Snapshot, string])[] =>
  costs.length === 0 ? [] : [['tablespaceCosts', lines(costs)]]

/**
 * JSON with one relation, column, statement or query a line. Ends with a line break. Null and defaults are left out;
 * numbers have at most five significant digits behind the point.
 */
export function printSnapshot(snapshot: Snapshot): string {
  const parts: readonly (readonly [keyof Snapshot, string])[] = [
    ['format', JSON.stringify(snapshot.format)],
    ['takenAt', JSON.stringify(snapshot.takenAt)],
    ['values', JSON.stringify(snapshot.values)],
    ['server', JSON.stringify(snapshot.server)],
    ['connections', JSON.stringify(snapshot.connections)],
    ['settings', lines(snapshot.settings)],
    ['overrides', `[${snapshot.overrides.map((one) => `\n${JSON.stringify(one)}`).join(',')}]`],
    ...tablespaceText(snapshot),
    ['schemaSource', JSON.stringify(snapshot.schemaSource)],
    ['schema', statementsText(snapshot.schema)],
    ['relations', snapshot.relations.length === 0 ? '[]' : `[\n${snapshot.relations.map(relationText).join(',\n')}\n]`],
    ['sequences', lines(snapshot.sequences)],
    ['extendedStatistics', lines(snapshot.extendedStatistics)],
    ['workload', lines(snapshot.workload)],
    ['workloadMinutes', JSON.stringify(snapshot.workloadMinutes === null ? null : round(snapshot.workloadMinutes))],
    ['appliedMigrations', JSON.stringify(snapshot.appliedMigrations)],
    ['missing', lines(snapshot.missing)],
  ]
  return `{\n${parts.map(([key, text]) => `"${key}": ${text}`).join(',\n')}\n}\n`
}
