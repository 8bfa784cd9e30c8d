import type { LintRule } from '../rule.ts'
import { textsOf, written } from '../tree/pick.ts'
import { addedConstraints } from '../tree/target.ts'
import { listed, orMoved } from '../tree/wording.ts'

/** The index of the constraint is built while nobody can read or write the table. */
export const uniqueConstraintWithoutIndex: LintRule = {
  id: 'unique-constraint-without-index',
  title: 'UNIQUE constraint that builds its index under a lock',
  squawk: ['disallowed-unique-constraint'],
  level: 'error',
  defaultOn: true,
  statement: (context) =>
    addedConstraints(context).flatMap(({ constraint, column, table, name, location }) => {
      if (constraint.contype !== 'CONSTR_UNIQUE' || constraint.indexname !== undefined) return []
      const columns = column === null ? textsOf(constraint.keys) : [column.columnName]
      const names = listed(columns.map((one) => written(one)))
      return [
        {
          location,
          message: `UNIQUE on ${names} of ${name} builds its index while it holds the lock.`,
          remedy: `${column === null ? '' : 'Add the column by itself. '}CREATE UNIQUE INDEX CONCURRENTLY${orMoved(context)}; then ALTER TABLE ${name} ADD CONSTRAINT … UNIQUE USING INDEX, which is instant.`,
          table,
          lock: 'AccessExclusive' as const,
          work: 'index-build' as const,
        },
      ]
    }),
}
