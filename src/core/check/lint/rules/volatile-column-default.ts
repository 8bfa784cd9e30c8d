import type { LintRule } from '../rule.ts'
import { defaultRewrites, fillingOf } from '../tree/added-column-work.ts'
import { written } from '../tree/pick.ts'
import { addedColumns } from '../tree/target.ts'
import { volatileCall } from '../tree/volatility.ts'

/** A default that is one value for all rows costs nothing since PostgreSQL 11; one that each row must call for itself does. */
export const volatileColumnDefault: LintRule = {
  id: 'volatile-column-default',
  title: 'New column whose default is computed for every row',
  squawk: ['adding-field-with-default'],
  level: 'error',
  defaultOn: true,
  statement: (context) =>
    addedColumns(context).flatMap(({ column, columnName, name, table, location }) => {
      const { kind, constraint } = fillingOf(column)
      if (kind !== 'default' || constraint === null || !defaultRewrites(constraint, context.serverVersion)) return []
      const call = volatileCall(constraint.raw_expr)
      const named = written(columnName)
      const why =
        call === null
          ? 'before PostgreSQL 11 every default is written into every row'
          : call.certainty === 'volatile'
            ? `${call.name}() gives each row its own value`
            : `${call.name}() may give each row its own value (functions are VOLATILE unless declared otherwise)`
      return [
        {
          location: constraint.location ?? location,
          ...(call?.certainty === 'unknown' ? { level: 'warning' as const } : {}),
          message: `Adding ${named} to ${name} with this default writes the whole table anew: ${why}.`,
          remedy: `ADD COLUMN ${named} without the default; then ALTER COLUMN ${named} SET DEFAULT, which new rows get; then fill the old rows in batches.`,
          table,
          lock: 'AccessExclusive' as const,
          work: 'rewrite' as const,
        },
      ]
    }),
}
