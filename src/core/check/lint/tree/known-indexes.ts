/** Indexes of a table, those of its keys included. */
import type { KnownTable } from '../rule.ts'

/** An index of a table with its plain columns in order; null stands for an expression. */
export interface IndexColumns {
  readonly name: string
  /** Plain columns in order; null stands for an expression. */
  readonly columns: readonly (string | null)[]
  readonly unique: boolean
  readonly usable: boolean
}

/**
 * What is known of a table's indexes. A key's columns are taken from its constraint: of its index a snapshot may tell the
 * size only.
 */
export function knownIndexes(table: KnownTable | null): readonly IndexColumns[] {
  if (table === null) return []
  const keys = table.constraints.flatMap(({ name, kind, columns }) =>
    kind === 'primary' || kind === 'unique' ? [{ name, columns, unique: true, usable: true }] : [],
  )
  const others = table.indexes.filter((index) => !keys.some(({ name }) => name === index.name))
  return [
    ...keys,
    ...others.map(({ name, columns, unique, valid, partial }) => ({
      name,
      columns,
      unique,
      usable: valid && !partial,
    })),
  ]
}
