import type { LintRule } from '../rule.ts'
import { addedConstraints } from '../tree/target.ts'

const ALLOWED_SINCE = 180000

/** PostgreSQL before 18 refuses it. */
export const foreignKeyNotValidOnPartitionedTable: LintRule = {
  id: 'foreign-key-not-valid-on-partitioned-table',
  title: 'NOT VALID foreign key on a partitioned table',
  squawk: [],
  level: 'error',
  defaultOn: true,
  statement: (context) =>
    addedConstraints(context).flatMap(({ constraint, table, name, location }) => {
      const { contype, skip_validation } = constraint
      if (contype !== 'CONSTR_FOREIGN' || skip_validation !== true || table?.kind !== 'partitioned') return []
      const { serverVersion } = context
      if (serverVersion !== null && serverVersion >= ALLOWED_SINCE) return []
      const unknown = serverVersion === null
      return [
        {
          location,
          ...(unknown ? { level: 'warning' as const } : {}),
          message: `${name} is partitioned: PostgreSQL before 18 refuses a NOT VALID foreign key on it, and the migration fails.`,
          remedy: `Add the foreign key to each partition with NOT VALID, validate each, then add it to ${name}: the parent takes the validated ones over.`,
        },
      ]
    }),
}
