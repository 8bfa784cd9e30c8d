import type { LintRule, StatementContext } from '../rule.ts'
import type { TableEffect } from '../tree/alter-effects.ts'
import { blocksWrites, tableEffects, tableEffectsOf } from '../tree/effects.ts'
import { recentStatements } from '../tree/in-transaction.ts'
import { timeoutFix } from '../tree/timeout-fix.ts'

/** A lock that others notice, held for as long as the table is large. */
const lasting = (effects: readonly TableEffect[]): TableEffect | undefined =>
  effects.find(({ lock, work }) => blocksWrites(lock) && work !== 'instant')

const isFirst = (context: StatementContext) =>
  !recentStatements(context).some((earlier) => lasting(tableEffectsOf(context, earlier)) !== undefined)

/** Said once a file. Not for CONCURRENTLY: what a timeout cuts off there leaves an INVALID index. */
export const missingStatementTimeout: LintRule = {
  id: 'missing-statement-timeout',
  title: 'No statement_timeout around work under a lock',
  squawk: ['require-statement-timeout', 'require-timeout-settings'],
  level: 'note',
  defaultOn: true,
  statement: (context) => {
    if ((context.statementTimeoutMs ?? 0) > 0) return []
    const effect = lasting(tableEffects(context))
    if (effect === undefined || !isFirst(context)) return []
    const fix = timeoutFix(context, 'statement_timeout', '60s')
    return [
      {
        message: `No statement_timeout is set: nothing bounds how long this works on ${effect.name} while it holds its lock.`,
        remedy: `SET statement_timeout = '60s' before it (and back to 0 before CONCURRENTLY and VALIDATE, which may take long).`,
        table: effect.table,
        ...(fix === null ? {} : { fix }),
      },
    ]
  },
}
