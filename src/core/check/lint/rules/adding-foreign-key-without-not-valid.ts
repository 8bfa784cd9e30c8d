import type { LintRule } from '../rule.ts'
import { fillingOf } from '../tree/added-column-work.ts'
import { notValidFix } from '../tree/not-valid-fix.ts'
import { nameOfRelation, written } from '../tree/pick.ts'
import { type AddedConstraint, addedConstraints } from '../tree/target.ts'

/** Partitioned tables take NOT VALID foreign keys from 18 on. */
const PARTITIONED_SINCE = 180000

/** Without rows to check there is nothing to wait for: a new column that is NULL everywhere is not read. */
function readsRows({ constraint, column }: AddedConstraint): boolean {
  if (constraint.skip_validation === true || constraint.is_enforced !== true) return false
  return column === null || fillingOf(column.column).kind !== 'null'
}

/** All rows are looked up in the other table while neither can be written. */
export const addingForeignKeyWithoutNotValid: LintRule = {
  id: 'adding-foreign-key-without-not-valid',
  title: 'Foreign key added without NOT VALID',
  squawk: ['adding-foreign-key-constraint', 'constraint-missing-not-valid'],
  level: 'error',
  defaultOn: true,
  statement: (context) =>
    addedConstraints(context).flatMap((added) => {
      const { constraint, name, table, location } = added
      if (constraint.contype !== 'CONSTR_FOREIGN' || !readsRows(added)) return []
      const fix = notValidFix(context, added)
      const other = written(nameOfRelation(constraint.pktable))
      const cannot =
        table?.kind === 'partitioned' && (context.serverVersion === null || context.serverVersion < PARTITIONED_SINCE)
      return [
        {
          location,
          message: `The foreign key from ${name} to ${other} is checked for every row of ${name} while it is added; writes to ${other} wait as well.`,
          remedy: cannot
            ? 'Before PostgreSQL 18 a partitioned table takes no NOT VALID: add the foreign key to each partition with NOT VALID, validate each, then add it to the parent.'
            : 'Add it with NOT VALID, and run VALIDATE CONSTRAINT in a transaction of its own: that reads the rows without blocking writes.',
          table,
          lock: added.column === null ? ('ShareRowExclusive' as const) : ('AccessExclusive' as const),
          work: 'scan' as const,
          ...(fix === null ? {} : { fix }),
        },
      ]
    }),
}
