/** Statements around one, as far back as is worth looking. */
import type { ParsedStatement } from '../../sql.ts'
import type { StatementContext } from '../rule.ts'

/** Statements further back than this are not looked at: dumps have hundreds of thousands. */
export const MAX_LOOK_BACK = 500

/** Statements of the file before this one, in order, the last MAX_LOOK_BACK of them. */
export function recentStatements(context: StatementContext): readonly ParsedStatement[] {
  return context.before.slice(-MAX_LOOK_BACK)
}

/**
 * Statements of the same transaction before this one, the last MAX_LOOK_BACK of them. A DO block is a transaction by itself
 * where nothing else opened one.
 */
export function earlierInTransaction(context: StatementContext): readonly ParsedStatement[] {
  if (context.transaction !== null) return context.transaction.before.slice(-MAX_LOOK_BACK)
  if (context.statement.origin !== 'do-block') return []
  const recent = recentStatements(context)
  const block = recent.findLastIndex(({ origin }) => origin === 'file')
  return recent.slice(block + 1)
}
