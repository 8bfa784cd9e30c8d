/** Statistics by table and column, and the values that they hold. */
import type { ColumnStatistics, RelationSnapshot, Snapshot } from '../snapshot.ts'
import { arrayElements } from './array-text.ts'

/** A column by its names. */
export interface TableColumn {
  readonly schema: string
  readonly table: string
  readonly column: string
}

/** Values of a column, as text, that a query may ask for. */
export interface ColumnValues {
  /** Most common first. */
  readonly common: readonly string[]
  /** Share of the rows, beside `common`. */
  readonly frequencies: readonly number[]
  /** In order; each stands for as many rows as the next. Empty when all values are common ones. */
  readonly histogram: readonly string[]
  readonly elements: readonly string[]
  readonly low: string | null
  readonly high: string | null
}

/** Tables and what is known of their columns: of a snapshot, or of a database. */
export interface TableLookup {
  /** A table by its name; without a schema one in `public` comes first. Null: there is none. */
  table(name: string, schema: string | null): { readonly schema: string; readonly name: string } | null
  /** Null: nothing is known of it. */
  column(column: TableColumn): ColumnValues | null
}

/** Looks statistics up by name; made once for a snapshot. */
export class Statistics implements TableLookup {
  private readonly tables = new Map<string, RelationSnapshot[]>()
  private readonly values = new Map<ColumnStatistics, ColumnValues>()

  constructor(snapshot: Snapshot) {
    for (const relation of snapshot.relations) {
      if (relation.kind === 'i' || relation.kind === 'I') continue
      this.tables.set(relation.name, [...(this.tables.get(relation.name) ?? []), relation])
    }
  }

  table(name: string, schema: string | null): RelationSnapshot | null {
    const all = this.tables.get(name) ?? []
    const own = schema === null ? all : all.filter((relation) => relation.schema === schema)
    return own.find((relation) => relation.schema === 'public') ?? own[0] ?? null
  }

  /** Of a column, with those of its children included where there are such; null when there are none. */
  column({ schema, table, column }: TableColumn): ColumnValues | null {
    const all = this.table(table, schema)?.columns.filter((one) => one.column === column) ?? []
    const found = all.find((one) => one.inherited) ?? all[0]
    if (found === undefined) return null
    const known = this.values.get(found) ?? valuesOf(found)
    this.values.set(found, known)
    return known
  }
}

function valuesOf(column: ColumnStatistics): ColumnValues {
  const list = (text: string | null) => (text === null ? [] : arrayElements(text))
  return {
    common: list(column.mostCommonVals),
    frequencies: column.mostCommonFreqs ?? [],
    histogram: list(column.histogramBounds),
    elements: list(column.mostCommonElems),
    low: column.low,
    high: column.high,
  }
}
