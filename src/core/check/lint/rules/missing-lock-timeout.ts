import type { LintRule, StatementContext } from '../rule.ts'
import type { TableEffect } from '../tree/alter-effects.ts'
import { blocksWrites, tableEffects, tableEffectsOf } from '../tree/effects.ts'
import { recentStatements } from '../tree/in-transaction.ts'
import { timeoutFix } from '../tree/timeout-fix.ts'

const strong = (effects: readonly TableEffect[]): TableEffect | undefined =>
  effects.find(({ lock }) => lock === 'AccessExclusive') ?? effects.find(({ lock }) => blocksWrites(lock))

const isFirst = (context: StatementContext) =>
  !recentStatements(context).some((earlier) => strong(tableEffectsOf(context, earlier)) !== undefined)

/** Said once a file, at the first statement that it matters for. */
export const missingLockTimeout: LintRule = {
  id: 'missing-lock-timeout',
  title: 'No lock_timeout',
  squawk: ['require-lock-timeout', 'require-timeout-settings'],
  level: 'warning',
  defaultOn: true,
  statement: (context) => {
    if ((context.lockTimeoutMs ?? 0) > 0) return []
    const effect = strong(tableEffects(context))
    if (effect === undefined || !isFirst(context)) return []
    const fix = timeoutFix(context, 'lock_timeout', '5s')
    return [
      {
        message: `No lock_timeout is set: while this waits for one long transaction on ${effect.name}, every later statement on ${effect.name} waits behind it.`,
        remedy: `SET lock_timeout = '5s' before it, and run the migration again when it gives up.`,
        table: effect.table,
        lock: effect.lock,
        work: 'instant',
        ...(fix === null ? {} : { fix }),
      },
    ]
  },
}
