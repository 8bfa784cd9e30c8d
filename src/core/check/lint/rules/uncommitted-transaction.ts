import type { LintRule } from '../rule.ts'
import { pick } from '../tree/pick.ts'
import { endsTransaction, leavesOpen } from './nested-transaction.ts'

/** What is not committed did not happen; until the connection closes, its locks are held. */
export const uncommittedTransaction: LintRule = {
  id: 'uncommitted-transaction',
  title: 'BEGIN without COMMIT',
  squawk: ['ban-uncommitted-transaction'],
  level: 'error',
  defaultOn: true,
  statement: (context) => {
    const kind = pick(context.statement.node, 'TransactionStmt')?.kind
    const begins = kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START'
    if (!begins || context.statement.origin !== 'file' || context.file.transactional) return []
    if (leavesOpen(context.before) || !leavesOpen([context.statement, ...context.after])) return []
    // Then a later BEGIN is the one that stays open.
    if (context.after.some(endsTransaction)) return []
    return [
      {
        message:
          'The transaction that begins here is never committed: when the connection closes, all of it is undone.',
        remedy: 'Write COMMIT at the end of the file.',
      },
    ]
  },
}
