/** How much of a table a condition takes, from statistics alone: for estimates of how long UPDATE and DELETE run. */
import type { Node } from '@pgsql/types'
import type { ColumnStatistics } from '../snapshot.ts'
import { arrayElements } from './array-text.ts'

/** Of conditions that nothing is known about: PostgreSQL's own default for inequalities. */
const UNKNOWN = 1 / 3
/** Of equality with a column that has no statistics: PostgreSQL's DEFAULT_EQ_SEL. */
const UNKNOWN_EQUAL = 0.005
const MAX_DEPTH = 100

function columnOf(node: Node | undefined): string | null {
  if (node === undefined) return null
  if ('TypeCast' in node) return columnOf(node.TypeCast.arg)
  if (!('ColumnRef' in node)) return null
  const last = node.ColumnRef.fields?.at(-1)
  return last !== undefined && 'String' in last ? (last.String.sval ?? null) : null
}

function constantOf(node: Node | undefined): string | null {
  if (node === undefined) return null
  if ('TypeCast' in node) return constantOf(node.TypeCast.arg)
  if (!('A_Const' in node)) return null
  const { ival, sval, fval, boolval } = node.A_Const
  if (sval !== undefined) return sval.sval ?? ''
  if (ival !== undefined) return String(ival.ival ?? 0)
  if (boolval !== undefined) return boolval.boolval === true ? 't' : 'f'
  return fval?.fval ?? null
}

/** Share of the rows that hold a value; of one that is not among the common ones, what is left over is shared out. */
function shareOfValue(value: string | null, column: ColumnStatistics): number {
  const values = arrayElements(column.mostCommonVals ?? '{}')
  const frequencies = column.mostCommonFreqs ?? []
  const at = value === null ? -1 : values.indexOf(value)
  const known = frequencies[at]
  if (known !== undefined) return known
  const left = 1 - column.nullFrac - frequencies.reduce((sum, one) => sum + one, 0)
  const distinct = column.nDistinct > 0 ? column.nDistinct - frequencies.length : Number.POSITIVE_INFINITY
  return distinct <= 0 ? 0 : Math.max(0, left) / Math.max(1, Math.min(distinct, 1e9))
}

type Columns = ReadonlyMap<string, ColumnStatistics>

function ofComparison(node: Extract<Node, { A_Expr: unknown }>['A_Expr'], columns: Columns): number {
  const name = node.name?.[0]
  const operator = name !== undefined && 'String' in name ? name.String.sval : null
  const column = columnOf(node.lexpr) ?? columnOf(node.rexpr)
  const statistics = column === null ? undefined : columns.get(column)
  if (operator !== '=' && operator !== '<>') return UNKNOWN
  if (statistics === undefined) return operator === '=' ? UNKNOWN_EQUAL : 1 - UNKNOWN_EQUAL
  const list = node.rexpr !== undefined && 'List' in node.rexpr ? (node.rexpr.List.items ?? []) : [node.rexpr]
  const constants = list.length === 1 ? [constantOf(node.lexpr) ?? constantOf(list[0])] : list.map(constantOf)
  const share = Math.min(
    1,
    constants.reduce((sum, value) => sum + shareOfValue(value, statistics), 0),
  )
  return operator === '=' ? share : Math.max(0, 1 - statistics.nullFrac - share)
}

function shareOf(node: Node, columns: Columns, depth: number): number {
  if (depth > MAX_DEPTH) return UNKNOWN
  if ('BoolExpr' in node) {
    const shares = (node.BoolExpr.args ?? []).map((one) => shareOf(one, columns, depth + 1))
    if (node.BoolExpr.boolop === 'AND_EXPR') return shares.reduce((product, one) => product * one, 1)
    if (node.BoolExpr.boolop === 'OR_EXPR') return 1 - shares.reduce((product, one) => product * (1 - one), 1)
    return 1 - (shares[0] ?? UNKNOWN)
  }
  if ('NullTest' in node) {
    const column = columnOf(node.NullTest.arg)
    // A column that has no statistics is one that the change adds: nothing is in it yet.
    const empty = (column === null ? undefined : columns.get(column)?.nullFrac) ?? 1
    return node.NullTest.nulltesttype === 'IS_NULL' ? empty : 1 - empty
  }
  return 'A_Expr' in node ? ofComparison(node.A_Expr, columns) : UNKNOWN
}

/**
 * Share of a table's rows that meet a WHERE clause, 0 to 1. Conditions are taken as independent of one another, as the
 * planner does it ("Row Estimation Examples"); what cannot be estimated counts as a third.
 * @param where null or undefined: all rows
 */
export function shareOfRows(where: Node | undefined, statistics: readonly ColumnStatistics[]): number {
  if (where === undefined) return 1
  const columns = new Map(statistics.map((column) => [column.column, column]))
  return Math.min(1, Math.max(0, shareOf(where, columns, 0)))
}
