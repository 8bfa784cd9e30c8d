import type { LintEdit, LintRule, StatementContext } from '../rule.ts'
import { nameOfRelation, pick, written } from '../tree/pick.ts'
import { type TargetAction, targetActions } from '../tree/target.ts'
import { orMoved, runsInTransaction } from '../tree/wording.ts'

const SINCE = 140000

function fixOf(context: StatementContext, action: TargetAction): readonly LintEdit[] | null {
  const { sql } = context.statement
  const isOld = context.serverVersion !== null && context.serverVersion < SINCE
  const end = sql.trimEnd().length
  // Nothing but the partition's name may follow.
  const plain = /^detach\s+partition\s+[\w."$]+$/i.test(sql.slice(action.location).trimEnd())
  return isOld || !plain || runsInTransaction(context) ? null : [{ from: end, to: end, insert: ' CONCURRENTLY' }]
}

/** The whole partitioned table is locked, not the partition alone. */
export const detachPartitionWithoutConcurrently: LintRule = {
  id: 'detach-partition-without-concurrently',
  title: 'DETACH PARTITION without CONCURRENTLY',
  squawk: ['require-concurrent-partition-detach'],
  level: 'warning',
  defaultOn: true,
  statement: (context) =>
    targetActions(context, ['AT_DetachPartition']).flatMap((action) => {
      const partition = pick(action.command.def, 'PartitionCmd')
      if (partition === null || partition.concurrent === true) return []
      const fix = fixOf(context, action)
      return [
        {
          location: action.location,
          message: `Partition ${written(nameOfRelation(partition.name))} is detached from ${action.name} without CONCURRENTLY: the whole of ${action.name} is locked.`,
          remedy: `Use DETACH PARTITION … CONCURRENTLY (PostgreSQL 14 and later; not with a default partition)${orMoved(context)}; else set a short lock_timeout and try again.`,
          table: action.table,
          lock: 'AccessExclusive' as const,
          work: 'instant' as const,
          ...(fix === null ? {} : { fix }),
        },
      ]
    }),
}
