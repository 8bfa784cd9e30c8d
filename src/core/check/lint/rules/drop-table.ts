import type { LintHit, LintRule, StatementContext } from '../rule.ts'
import { dropped, type ObjectName, pick, surelyAbsent, written } from '../tree/pick.ts'
import { pointingAt } from '../tree/references.ts'
import { usageOf } from '../tree/usage.ts'

function hitOf(context: StatementContext, name: ObjectName): LintHit {
  const table = context.table(name.schema, name.name)
  const usage = usageOf(context, table)
  const cascades = pick(context.statement.node, 'DropStmt')?.behavior === 'DROP_CASCADE'
  const pointing = table === null || !cascades ? [] : pointingAt(context, table)
  const also =
    pointing.length === 0
      ? ''
      : ` CASCADE drops the foreign keys of ${pointing.map((one) => written(one.name)).join(', ')} with it.`
  if (usage !== null)
    // Without the lock: a query that fails is an error on a small table too.
    return {
      table,
      level: 'error',
      message: `Drops table ${written(name)}, which the workload still uses: ${usage.text} will fail.${also}`,
      remedy: 'First deploy a release that no longer uses the table, and drop it once no query has come for some time.',
    }
  return {
    table,
    lock: 'AccessExclusive',
    work: 'instant',
    message: `Drops table ${written(name)}: its rows are lost, and running code that uses it fails at once.${also}`,
    remedy:
      'Make sure that no release that may still run uses the table; rename it out of the way first if you are not certain, and keep a dump.',
  }
}

/** A table that is dropped is gone with its rows, its indexes and its grants. */
export const dropTable: LintRule = {
  id: 'drop-table',
  title: 'DROP TABLE',
  squawk: ['ban-drop-table'],
  level: 'warning',
  defaultOn: true,
  statement: (context) =>
    dropped(context, 'OBJECT_TABLE')
      .filter((name) => {
        const table = context.table(name.schema, name.name)
        const missingOk = pick(context.statement.node, 'DropStmt')?.missing_ok
        return table?.isNew !== true && !surelyAbsent(context, table, missingOk)
      })
      .map((name) => hitOf(context, name)),
}
