import type { DropStmt } from '@pgsql/types'
import type { LintEdit, LintRule, StatementContext } from '../rule.ts'
import { tableOfIndex } from '../tree/effects.ts'
import { dropped, pick, surelyAbsent, written } from '../tree/pick.ts'
import { orMoved, runsInTransaction } from '../tree/wording.ts'

/** CONCURRENTLY takes one index at a time, and no CASCADE. */
function fixOf(context: StatementContext, drop: DropStmt): readonly LintEdit[] | null {
  const end = /^drop\s+index/i.exec(context.statement.sql)?.[0].length
  const takesIt = drop.objects?.length === 1 && drop.behavior !== 'DROP_CASCADE'
  if (end === undefined || !takesIt || runsInTransaction(context)) return null
  return [{ from: end, to: end, insert: ' CONCURRENTLY' }]
}

/** Instant once it has its lock; but until then every query on the table waits behind it. */
export const dropIndexWithoutConcurrently: LintRule = {
  id: 'drop-index-without-concurrently',
  title: 'DROP INDEX without CONCURRENTLY',
  squawk: ['require-concurrent-index-deletion'],
  level: 'warning',
  defaultOn: true,
  statement: (context) => {
    const drop = pick(context.statement.node, 'DropStmt')
    if (drop === null || drop.concurrent === true) return []
    const fix = fixOf(context, drop)
    return dropped(context, 'OBJECT_INDEX').flatMap((name) => {
      const index = context.index(name.schema, name.name)
      const table = tableOfIndex(context, name)
      if (index?.isNew === true || table?.isNew === true) return []
      if (index === null && surelyAbsent(context, null, drop.missing_ok)) return []
      // PostgreSQL refuses CONCURRENTLY for the index of a partitioned table and for those of its partitions.
      if (table?.kind === 'partitioned') return []
      const on = table === null ? '' : ` on ${written(table.schema === 'public' ? table.name : table)}`
      return [
        {
          message: `Index ${written(name)}${on} is dropped without CONCURRENTLY.`,
          remedy: `Use DROP INDEX CONCURRENTLY${drop.objects?.length === 1 ? '' : ', one statement for each index'}${orMoved(context)}.`,
          table,
          lock: 'AccessExclusive' as const,
          work: 'instant' as const,
          ...(fix === null ? {} : { fix }),
        },
      ]
    })
  },
}
