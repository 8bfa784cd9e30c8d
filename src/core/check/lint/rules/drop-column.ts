import type { KnownTable, LintHit, LintRule, StatementContext } from '../rule.ts'
import { type AlterAction, alterActions, surelyAbsent, written } from '../tree/pick.ts'
import { usageOf } from '../tree/usage.ts'

/** Indexes that go with the column: those that order by it or hold it otherwise. */
function lostIndexes(table: KnownTable | null, column: string): string {
  const names = (table?.indexes ?? []).filter((index) => index.columns.includes(column)).map((index) => index.name)
  if (names.length === 0) return ''
  return ` It takes the ${names.length === 1 ? 'index' : 'indexes'} ${names.map(written).join(', ')} with it.`
}

function hitOf(context: StatementContext, { relation, table, command, location }: AlterAction): LintHit {
  const column = command.name ?? ''
  const usage = usageOf(context, table, [column])
  const what = `column ${written(column)} of ${written(relation)}`
  const lost = lostIndexes(table, column)
  if (usage !== null)
    // Without the lock: a query that fails is an error on a small table too.
    return {
      location,
      table,
      level: 'error',
      message: `Drops ${what}, which the workload still names: ${usage.text} will fail.${lost}`,
      remedy:
        'First deploy a release that no longer names the column, wait until no older release runs, then drop it in a migration of its own.',
    }
  return {
    location,
    table,
    lock: 'AccessExclusive',
    work: 'instant',
    message: `Drops ${what}: its data is lost, and running code that names it fails at once.${lost}`,
    remedy:
      'Make sure that no release that may still run (or be rolled back to) names the column; drop it one release later.',
  }
}

/** A column that is dropped cannot be had back, and the release before still reads it. */
export const dropColumn: LintRule = {
  id: 'drop-column',
  title: 'DROP COLUMN',
  squawk: ['ban-drop-column'],
  level: 'warning',
  defaultOn: true,
  statement: (context) =>
    alterActions(context, ['AT_DropColumn'])
      .filter((action) => action.table?.isNew !== true)
      .filter((action) => !surelyAbsent(context, action.table, action.command.missing_ok))
      .filter(({ table, command }) => {
        const known = context.hasSnapshot ? table?.columns : null
        return command.missing_ok !== true || !known || known.some((column) => column.name === command.name)
      })
      .map((action) => hitOf(context, action)),
}
