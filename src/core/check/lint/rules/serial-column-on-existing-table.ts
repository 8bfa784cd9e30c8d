import type { LintRule } from '../rule.ts'
import { fillingOf } from '../tree/added-column-work.ts'
import { written } from '../tree/pick.ts'
import { addedColumns } from '../tree/target.ts'

/** Every row must get its number: the whole table is written anew. */
export const serialColumnOnExistingTable: LintRule = {
  id: 'serial-column-on-existing-table',
  title: 'serial or identity column added to an existing table',
  squawk: ['adding-field-with-default'],
  level: 'error',
  defaultOn: true,
  statement: (context) =>
    addedColumns(context).flatMap(({ column, columnName, constraints, name, table, location }) => {
      const { kind, constraint } = fillingOf(column)
      // A primary key says the same and more: see primary-key-without-index.
      if (kind !== 'sequence' || constraints.some(({ contype }) => contype === 'CONSTR_PRIMARY')) return []
      const named = written(columnName)
      return [
        {
          location: constraint?.location ?? location,
          message: `${constraint === null ? 'serial' : 'Identity'} column ${named} gives every row of ${name} its number: the whole table is written anew.`,
          remedy: `Add ${named} as a plain bigint; CREATE SEQUENCE, and ALTER COLUMN ${named} SET DEFAULT nextval(…) for new rows; fill the old rows in batches; then make it NOT NULL.`,
          table,
          lock: 'AccessExclusive' as const,
          work: 'rewrite' as const,
        },
      ]
    }),
}
