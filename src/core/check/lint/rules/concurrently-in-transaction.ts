import type { LintRule, StatementContext } from '../rule.ts'
import { isConcurrently } from '../tree/effects.ts'
import { pick, pickAll } from '../tree/pick.ts'
import { outsideTransaction, runsInTransaction } from '../tree/wording.ts'

/** The statement's words when PostgreSQL takes it outside a transaction only. */
function refusedInTransaction({ statement: { node } }: StatementContext): string | null {
  if (pick(node, 'IndexStmt')?.concurrent === true) return 'CREATE INDEX CONCURRENTLY'
  const drop = pick(node, 'DropStmt')
  if (drop?.concurrent === true) return 'DROP INDEX CONCURRENTLY'
  if (isConcurrently(pick(node, 'ReindexStmt')?.params)) return 'REINDEX CONCURRENTLY'
  const actions = pickAll(pick(node, 'AlterTableStmt')?.cmds, 'AlterTableCmd')
  const detaches = actions.some(({ def }) => pick(def, 'PartitionCmd')?.concurrent === true)
  return detaches ? 'DETACH PARTITION CONCURRENTLY' : null
}

/** PostgreSQL refuses it: these statements need several transactions of their own. */
export const concurrentlyInTransaction: LintRule = {
  id: 'concurrently-in-transaction',
  title: 'CONCURRENTLY inside a transaction',
  squawk: ['ban-concurrent-index-creation-in-transaction'],
  level: 'error',
  defaultOn: true,
  statement: (context) => {
    const words = refusedInTransaction(context)
    if (words === null || !runsInTransaction(context)) return []
    const inBlock = context.statement.origin === 'do-block'
    const where = inBlock ? 'a DO block' : 'a transaction block'
    const opened = context.transaction?.openedBy === 'tool' && !inBlock ? ', and the migration tool opens one' : ''
    return [
      {
        message: `${words} cannot run inside ${where}${opened}: the migration fails here.`,
        remedy: `Put it ${outsideTransaction(context)}.`,
      },
    ]
  },
}
