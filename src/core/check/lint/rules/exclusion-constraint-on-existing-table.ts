import type { LintRule } from '../rule.ts'
import { written } from '../tree/pick.ts'
import { addedConstraints } from '../tree/target.ts'

/** There is no way to build the index beforehand, as there is for UNIQUE. */
export const exclusionConstraintOnExistingTable: LintRule = {
  id: 'exclusion-constraint-on-existing-table',
  title: 'EXCLUDE constraint on an existing table',
  squawk: [],
  level: 'error',
  defaultOn: true,
  statement: (context) =>
    addedConstraints(context).flatMap(({ constraint, table, name, location }) => {
      if (constraint.contype !== 'CONSTR_EXCLUSION') return []
      const what =
        constraint.conname === undefined ? 'An EXCLUDE constraint' : `EXCLUDE constraint ${written(constraint.conname)}`
      return [
        {
          location,
          message: `${what} on ${name} builds its index, and looks every row up in it, while it holds the lock; it knows neither NOT VALID nor USING INDEX.`,
          remedy: `Make a new table with the constraint, fill it in batches, and swap the names; or accept the wait in a quiet hour, with a lock_timeout.`,
          table,
          lock: 'AccessExclusive' as const,
          work: 'index-build' as const,
        },
      ]
    }),
}
