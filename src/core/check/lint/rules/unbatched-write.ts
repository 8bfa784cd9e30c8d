import type { Node } from '@pgsql/types'
import type { LintHit, LintRule, StatementContext } from '../rule.ts'
import { pick, pickAll, textsOf } from '../tree/pick.ts'
import { noteIfSmall } from '../tree/small-table.ts'
import { existingTarget } from '../tree/target.ts'

/** Columns that the change itself has added to the table: all rows have nothing in them yet. */
function addedBefore(context: StatementContext, table: string): readonly string[] {
  return context.before.flatMap(({ node }) => {
    const alter = pick(node, 'AlterTableStmt')
    if (alter?.relation?.relname !== table) return []
    return pickAll(alter.cmds, 'AlterTableCmd').flatMap((command) =>
      command.subtype === 'AT_AddColumn' ? (pick(command.def, 'ColumnDef')?.colname ?? []) : [],
    )
  })
}

/** A condition that every row meets: none at all, a constant, or a new column that is still empty. */
function meansAllRows(condition: Node | undefined, added: () => readonly string[]): boolean {
  if (condition === undefined) return true
  if (pick(condition, 'A_Const')?.boolval?.boolval === true) return true
  const test = pick(condition, 'NullTest')
  const column = textsOf(pick(test?.arg, 'ColumnRef')?.fields).at(-1)
  return test?.nulltesttype === 'IS_NULL' && column !== undefined && added().includes(column)
}

/** One statement that changes every row: its row locks, its dead rows and its WAL come all at once. */
export const unbatchedWrite: LintRule = {
  id: 'unbatched-write',
  title: 'UPDATE or DELETE of all rows in one statement',
  squawk: [],
  level: 'warning',
  defaultOn: true,
  statement: (context): readonly LintHit[] => {
    const update = pick(context.statement.node, 'UpdateStmt')
    const remove = update === null ? pick(context.statement.node, 'DeleteStmt') : null
    const write = update ?? remove
    const target = existingTarget(context, write?.relation)
    if (write === null || target === null) return []
    if ((update?.fromClause ?? remove?.usingClause ?? []).length > 0) return []
    if (!meansAllRows(write.whereClause, () => addedBefore(context, target.relation.name))) return []
    return [
      {
        table: target.table,
        lock: 'RowExclusive',
        work: 'rewrite',
        ...noteIfSmall(target.table),
        message: `${update === null ? 'Deletes' : 'Changes'} all rows of ${target.name} in one statement: every row stays locked to other writers until it commits, and ${update === null ? 'the table keeps its size' : 'the table grows to twice its size'} until vacuum has been there.`,
        remedy:
          'Work through it in batches of some thousand rows by the primary key, each committed alone, from a script or a job instead of the migration.',
      },
    ]
  },
}
