import type { LintEdit, LintRule } from '../rule.ts'
import { type DeclaredColumn, declaredColumns, endOfType } from '../tree/declared-columns.ts'
import { pick } from '../tree/pick.ts'

/** Defaults that mean the same moment for both types, whatever the session's time zone. */
function keepsItsMeaning(column: DeclaredColumn): boolean {
  const written = column.constraints.find((one) => one.contype === 'CONSTR_DEFAULT')?.raw_expr
  if (column.constraints.some((one) => one.contype === 'CONSTR_GENERATED')) return false
  if (written === undefined) return true
  const call = pick(written, 'FuncCall')
  if (call !== null) return pick(call.funcname?.at(-1), 'String')?.sval === 'now'
  return pick(written, 'SQLValueFunction')?.op === 'SVFOP_CURRENT_TIMESTAMP'
}

function fixOf(sql: string, column: DeclaredColumn): readonly LintEdit[] | null {
  if (column.how === 'retype' || !keepsItsMeaning(column)) return null
  const from = column.type.location
  const to = endOfType(sql, from)
  const precision = /\(\s*\d+\s*\)/.exec(sql.slice(from, to))?.[0] ?? ''
  return [{ from, to, insert: `timestamptz${precision}` }]
}

/** `timestamp` stores the digits of a clock on a wall, not a moment. */
export const timestampWithoutTimeZone: LintRule = {
  id: 'timestamp-without-time-zone',
  title: 'Column of type timestamp without time zone',
  squawk: ['prefer-timestamp-tz', 'prefer-timestamptz'],
  level: 'note',
  defaultOn: true,
  statement: (context) =>
    declaredColumns(context)
      .filter(({ type }) => type.name === 'timestamp' && type.fromGrammar)
      .map((column) => {
        const fix = fixOf(context.statement.sql, column)
        return {
          location: column.type.location,
          message: `Column ${column.name} is timestamp without time zone: it stores what a clock showed, not when it was, and now() in it depends on the time zone of each session.`,
          remedy: 'Use timestamptz. It stores the moment in UTC, in the same 8 bytes.',
          ...(fix === null ? {} : { fix }),
        }
      }),
}
