/** The snapshot as text: the same snapshot gives the same text, and what changed in the database is what a diff shows. */
import type { ColumnStatistics, RelationSnapshot, Snapshot } from './snapshot.ts'

/** Frequencies and correlations come from samples of 30,000 rows: further digits say nothing. */
const DIGITS = 6

const round = (value: number): number => (Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS)))

/** What a reader puts in where a key is missing; null for all others. */
export const LEFT_OUT: Readonly<Record<string, unknown>> = {
  inherited: false,
  nullFrac: 0,
  valid: true,
  extension: null,
  columns: [],
}

const isLeftOut = (key: string, value: unknown): boolean => {
  if (value === null || value === undefined) return true
  return Array.isArray(value) ? key === 'columns' && value.length === 0 : value === LEFT_OUT[key]
}

/** Keys come first in this order, then the others as they are. */
const FIRST = ['schema', 'name', 'kind', 'object', 'table', 'column', 'fingerprint']
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

function relationText(relation: RelationSnapshot): string {
  const { columns, ...rest } = relation
  const head = line(rest)
  if (columns.length === 0) return head
  const body = columns.map((column: ColumnStatistics) => `  ${line(column)}`).join(',\n')
  return `${head.slice(0, -1)},"columns":[\n${body}]}`
}

/**
 * JSON with one relation, column, statement or query a line. Ends with a line break. Null and defaults are left out;
 * numbers have at most six significant digits behind the point.
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
    ['schemaSource', JSON.stringify(snapshot.schemaSource)],
    ['schema', lines(snapshot.schema)],
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
