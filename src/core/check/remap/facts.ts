/** What a remap must know of columns beyond their statistics. */

/** A column (of a table, or of an index on expressions). */
export interface ColumnFacts {
  /** `schema.relation`. */
  readonly relation: string
  readonly column: string
  /** PostgreSQL's short name of the base type, `int4`, `text`; of an array or a range: that of its elements. */
  readonly type: string
  readonly shape: 'scalar' | 'array' | 'range' | 'enum' | 'other'
  /** Quoted and qualified; null when the type has none. */
  readonly collation: string | null
  /** Characters of a `varchar(n)`, digits before the point of a `numeric(p, s)`; null when not limited. */
  readonly limit: number | null
}

/** Columns that are compared with one another: the two sides of a foreign key. */
export interface JoinedColumns {
  readonly from: { readonly relation: string; readonly column: string }
  readonly to: { readonly relation: string; readonly column: string }
}

/** Names a column of a relation; made by `keyOf`. */
export type ColumnKey = string
/** @param relation `schema.relation` */
export const keyOf = (relation: string, column: string): ColumnKey => `${relation}\n${column}`

/** Columns of one order share one list of sorted values. */
export const orderKey = ({ type, collation }: Pick<ColumnFacts, 'type' | 'collation'>): string =>
  `${type === 'varchar' ? 'text' : type}\n${collation ?? ''}`
