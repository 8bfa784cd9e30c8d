import type { LintRule } from '../rule.ts'
import { notValidFix } from '../tree/not-valid-fix.ts'
import { written } from '../tree/pick.ts'
import { addedConstraints } from '../tree/target.ts'

/** All rows are read while nobody can read or write the table. */
export const checkWithoutNotValid: LintRule = {
  id: 'check-without-not-valid',
  title: 'CHECK added without NOT VALID',
  squawk: ['constraint-missing-not-valid'],
  level: 'error',
  defaultOn: true,
  statement: (context) =>
    addedConstraints(context).flatMap((added) => {
      const { constraint, column, name, table, location } = added
      const { contype, skip_validation, is_enforced, conname } = constraint
      if (contype !== 'CONSTR_CHECK' || skip_validation === true || is_enforced !== true) return []
      const fix = notValidFix(context, added)
      const what = conname === undefined ? 'A CHECK' : `CHECK ${written(conname)}`
      const behind = column === null ? '' : ` behind the new column ${written(column.columnName)}`
      return [
        {
          location,
          message: `${what} on ${name}${behind} is tested on every row while it is added.`,
          remedy: `${column === null ? 'Add it' : 'Add the column first, and the CHECK by itself'} with NOT VALID, and run VALIDATE CONSTRAINT in a transaction of its own: that reads the rows without blocking reads or writes.`,
          table,
          lock: 'AccessExclusive' as const,
          work: 'scan' as const,
          ...(fix === null ? {} : { fix }),
        },
      ]
    }),
}
