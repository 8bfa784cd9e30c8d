import type { LintRule } from '../rule.ts'
import { fillingOf } from '../tree/added-column-work.ts'
import { written } from '../tree/pick.ts'
import { addedConstraints } from '../tree/target.ts'
import { orMoved } from '../tree/wording.ts'

/** The index of the key is built, and NOT NULL checked, while nobody can read or write the table. */
export const primaryKeyWithoutIndex: LintRule = {
  id: 'primary-key-without-index',
  title: 'PRIMARY KEY that builds its index under a lock',
  squawk: ['adding-serial-primary-key-field'],
  level: 'error',
  defaultOn: true,
  statement: (context) =>
    addedConstraints(context).flatMap(({ constraint, column, table, name, location }) => {
      if (constraint.contype !== 'CONSTR_PRIMARY' || constraint.indexname !== undefined) return []
      const rewrites = column !== null && fillingOf(column.column).kind === 'sequence'
      const of = column === null ? '' : ` on the new column ${written(column.columnName)}`
      const first = column === null ? '' : 'Add the column without a key and fill it in batches. '
      return [
        {
          location,
          message: `PRIMARY KEY${of} of ${name} ${rewrites ? 'writes the table anew and ' : ''}builds its index while it holds the lock.`,
          remedy: `${first}CREATE UNIQUE INDEX CONCURRENTLY${orMoved(context)}; make the columns NOT NULL without a scan (CHECK … NOT VALID, VALIDATE, SET NOT NULL); then ALTER TABLE ${name} ADD CONSTRAINT … PRIMARY KEY USING INDEX, which is instant.`,
          table,
          lock: 'AccessExclusive' as const,
          work: rewrites ? ('rewrite' as const) : ('index-build' as const),
        },
      ]
    }),
}
