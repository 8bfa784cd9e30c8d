import type { TransactionStmtKind } from '@pgsql/types'
import type { ParsedStatement } from '../../sql.ts'
import type { LintRule } from '../rule.ts'
import { pick } from '../tree/pick.ts'

const BEGINS: readonly (TransactionStmtKind | undefined)[] = ['TRANS_STMT_BEGIN', 'TRANS_STMT_START']
const ENDS: readonly (TransactionStmtKind | undefined)[] = ['TRANS_STMT_COMMIT', 'TRANS_STMT_ROLLBACK']

/** In a DO block COMMIT is another thing: it begins the next transaction by itself. */
function kindOf(statement: ParsedStatement): TransactionStmtKind | undefined {
  return statement.origin === 'file' ? pick(statement.node, 'TransactionStmt')?.kind : undefined
}

/** True when the statement ends a transaction. */
export const endsTransaction = (statement: ParsedStatement): boolean => ENDS.includes(kindOf(statement))

/** True when the statements, in order, leave a transaction open that one of them began. */
export function leavesOpen(statements: readonly ParsedStatement[]): boolean {
  const last = statements.findLast((one) => BEGINS.includes(kindOf(one)) || endsTransaction(one))
  return last !== undefined && !endsTransaction(last)
}

/** PostgreSQL has no nested transactions: BEGIN in one only warns, and the first COMMIT ends the outer one. */
export const nestedTransaction: LintRule = {
  id: 'nested-transaction',
  title: 'BEGIN or COMMIT inside a transaction that something else opened',
  squawk: ['transaction-nesting'],
  level: 'warning',
  defaultOn: true,
  statement: (context) => {
    const kind = kindOf(context.statement)
    if (!BEGINS.includes(kind) && !ENDS.includes(kind)) return []
    const open = leavesOpen(context.before)
    const byTool = context.file.transactional
    if (BEGINS.includes(kind) && (open || byTool))
      return [
        {
          message: open
            ? 'BEGIN inside a transaction does nothing but warn: the next COMMIT ends the outer transaction.'
            : 'The migration tool already runs this file in a transaction: this BEGIN does nothing, and the COMMIT behind it ends the tool’s transaction, so that what follows cannot be undone.',
          remedy: open ? 'Take one BEGIN out; use SAVEPOINT for a part that may fail.' : 'Take BEGIN and COMMIT out.',
        },
      ]
    if (BEGINS.includes(kind) || open) return []
    // After a BEGIN that was already reported, its COMMIT needs no report of its own.
    if (context.before.some((statement) => BEGINS.includes(kindOf(statement))) && byTool) return []
    const word = kind === 'TRANS_STMT_COMMIT' ? 'COMMIT' : 'ROLLBACK'
    return [
      {
        message: byTool
          ? `This ${word} ends the transaction of the migration tool: what follows runs outside it, and what the tool notes down may not fit what happened.`
          : `This ${word} ends no transaction of the file: there is no BEGIN before it.`,
        remedy: `Take ${word} out, or write the BEGIN that it belongs to.`,
      },
    ]
  },
}
