/** What ADD COLUMN has to do besides noting the column. Measured on PostgreSQL 18. */
import type { ColumnDef, Constraint } from '@pgsql/types'
import type { Work } from '../../finding.ts'
import { pickAll, textsOf } from './pick.ts'
import { volatileCall } from './volatility.ts'

/** Before 11 every default was written into every row. */
const DEFAULT_IS_FREE_SINCE = 110000

const SERIAL_TYPES: ReadonlySet<string> = new Set([
  'serial',
  'serial2',
  'serial4',
  'serial8',
  'bigserial',
  'smallserial',
])

/** What fills a new column in rows that are there. */
export interface ColumnFilling {
  readonly kind: 'null' | 'default' | 'sequence' | 'stored' | 'virtual'
  readonly constraint: Constraint | null
}

/** What the rows that are there get in a new column, and whether each must be written for that. */
export function fillingOf(column: ColumnDef): ColumnFilling {
  const constraints = pickAll(column.constraints, 'Constraint')
  const generated = constraints.find((one) => one.contype === 'CONSTR_GENERATED')
  if (generated !== undefined) {
    return { kind: generated.generated_kind === 'v' ? 'virtual' : 'stored', constraint: generated }
  }
  const identity = constraints.find((one) => one.contype === 'CONSTR_IDENTITY')
  if (identity !== undefined) return { kind: 'sequence', constraint: identity }
  if (SERIAL_TYPES.has(textsOf(column.typeName?.names).at(-1) ?? '')) return { kind: 'sequence', constraint: null }
  const byDefault = constraints.find((one) => one.contype === 'CONSTR_DEFAULT')
  const isNull =
    byDefault?.raw_expr !== undefined && 'A_Const' in byDefault.raw_expr && byDefault.raw_expr.A_Const.isnull
  if (byDefault === undefined || isNull === true) return { kind: 'null', constraint: null }
  return { kind: 'default', constraint: byDefault }
}

/** True when ADD COLUMN with that default writes the table anew. */
export function defaultRewrites(byDefault: Constraint, serverVersion: number | null): boolean {
  if (serverVersion !== null && serverVersion < DEFAULT_IS_FREE_SINCE) return true
  return volatileCall(byDefault.raw_expr) !== null
}

/** What ADD COLUMN does to the table, by what fills the column and by the version of the server (null: not known). */
export function addColumnWork(column: ColumnDef | null, serverVersion: number | null): Work {
  if (column === null) return 'instant'
  const { kind, constraint } = fillingOf(column)
  if (kind === 'sequence' || kind === 'stored') return 'rewrite'
  if (kind === 'default' && constraint !== null && defaultRewrites(constraint, serverVersion)) return 'rewrite'
  const kinds = pickAll(column.constraints, 'Constraint').map((one) => one.contype)
  if (kinds.includes('CONSTR_UNIQUE') || kinds.includes('CONSTR_PRIMARY')) return 'index-build'
  const referencesWithDefault = kinds.includes('CONSTR_FOREIGN') && kind !== 'null'
  return kinds.includes('CONSTR_CHECK') || referencesWithDefault ? 'scan' : 'instant'
}
