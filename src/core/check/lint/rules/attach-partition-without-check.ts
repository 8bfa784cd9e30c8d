import type { LintRule } from '../rule.ts'
import { pick } from '../tree/pick.ts'
import { existingTarget, targetActions } from '../tree/target.ts'

/** Without a CHECK that says the same as the bounds, PostgreSQL reads the whole table to see that its rows belong there. */
export const attachPartitionWithoutCheck: LintRule = {
  id: 'attach-partition-without-check',
  title: 'ATTACH PARTITION that reads the whole table',
  squawk: [],
  level: 'warning',
  defaultOn: true,
  statement: (context) =>
    targetActions(context, ['AT_AttachPartition']).flatMap((action) => {
      const partition = existingTarget(context, pick(action.command.def, 'PartitionCmd')?.name)
      if (partition === null) return []
      // Whether the CHECK implies the bounds is more than can be said here: any that is validated counts.
      if (partition.table?.constraints.some((one) => one.kind === 'check' && one.validated) === true) return []
      return [
        {
          location: action.location,
          message: `Attaching ${partition.name} to ${action.name} reads all rows of ${partition.name}, as no validated CHECK says that they are within the bounds.`,
          remedy: `Before, in steps of their own: ALTER TABLE ${partition.name} ADD CONSTRAINT … CHECK (the bounds, and NOT NULL of the key) NOT VALID; then VALIDATE CONSTRAINT. Drop it after attaching. A default partition needs one that excludes the bounds.`,
          table: partition.table,
          lock: 'AccessExclusive' as const,
          work: 'scan' as const,
        },
      ]
    }),
}
