import type { LintRule } from '../rule.ts'
import { fillingOf } from '../tree/added-column-work.ts'
import { written } from '../tree/pick.ts'
import { addedColumns } from '../tree/target.ts'

/** Rows that are there would need a value, and there is none: PostgreSQL refuses. */
export const requiredColumnWithoutDefault: LintRule = {
  id: 'required-column-without-default',
  title: 'NOT NULL column without a default',
  squawk: ['adding-required-field'],
  level: 'error',
  defaultOn: true,
  statement: (context) =>
    addedColumns(context).flatMap(({ column, columnName, constraints, name, table, location }) => {
      const isRequired = constraints.some(({ contype }) => contype === 'CONSTR_NOTNULL' || contype === 'CONSTR_PRIMARY')
      if (!isRequired || fillingOf(column).kind !== 'null') return []
      // A table that is known to be empty takes it.
      if (table?.rows === 0) return []
      return [
        {
          location,
          message: `Column ${written(columnName)} of ${name} is NOT NULL and has no default: the migration fails as soon as ${name} has one row, and so does every INSERT of a release that does not know the column.`,
          remedy: `Give it a DEFAULT that is a constant (instant since PostgreSQL 11); or add it nullable, let the new release write it, fill the old rows in batches, and set NOT NULL last.`,
          table,
        },
      ]
    }),
}
