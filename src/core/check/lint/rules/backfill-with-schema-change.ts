import type { Node } from '@pgsql/types'
import type { ParsedStatement } from '../../sql.ts'
import type { LintRule, StatementContext } from '../rule.ts'
import { blocksWrites, tableEffectsOf } from '../tree/effects.ts'
import { findAll, pick, textsOf } from '../tree/pick.ts'
import { noteIfSmall } from '../tree/small-table.ts'
import { existingTarget, type Target } from '../tree/target.ts'

/** A row picked by its key: `WHERE id = 5`. */
function isOneRow(condition: Node | undefined): boolean {
  const compared = pick(condition, 'A_Expr')
  if (compared === null || textsOf(compared.name).join() !== '=') return false
  const column = textsOf(pick(compared.lexpr, 'ColumnRef')?.fields).at(-1) ?? ''
  return /^(id|key|name|code|slug)$|_(id|key)$/.test(column) && pick(compared.rexpr, 'A_Const') !== null
}

/** The table that a statement changes many rows of, or reads them from to fill another. */
function written(context: StatementContext, { node }: ParsedStatement): Target | null {
  const change = pick(node, 'UpdateStmt') ?? pick(node, 'DeleteStmt')
  if (change !== null) return isOneRow(change.whereClause) ? null : existingTarget(context, change.relation)
  const insert = pick(node, 'InsertStmt')
  const select = pick(insert?.selectStmt, 'SelectStmt')
  const readsTables = findAll(select?.fromClause, 'RangeVar').length > 0
  return insert === null || !readsTables ? null : existingTarget(context, insert.relation)
}

/** Looked at first, since of these a file can have thousands. */
const isData = ({ node }: ParsedStatement): boolean =>
  node !== null && ('InsertStmt' in node || 'UpdateStmt' in node || 'DeleteStmt' in node || 'SelectStmt' in node)

/** True when the statement holds a lock on a table that was there before which stops its writers, until the end. */
const locks = (context: StatementContext, statement: ParsedStatement): boolean =>
  !isData(statement) && tableEffectsOf(context, statement).some(({ lock }) => blocksWrites(lock))

/** A schema change waits for nobody and is over in a moment; in one transaction with a backfill it lasts as long as that. */
export const backfillWithSchemaChange: LintRule = {
  id: 'backfill-with-schema-change',
  title: 'Data and schema changed in one transaction',
  squawk: [],
  level: 'warning',
  defaultOn: true,
  statement: (context) => {
    const before = context.transaction?.before ?? []
    const target = written(context, context.statement)
    if (target === null) return []
    const lock = before.find((statement) => locks(context, statement))
    if (lock === undefined) return []
    // The first one is enough: the others are moved out along with it.
    const since = before.slice(before.indexOf(lock) + 1)
    if (since.some((statement) => written(context, statement) !== null)) return []
    return [
      {
        table: target.table,
        ...noteIfSmall(target.table),
        message: `Changes rows of ${target.name} in the transaction in which line ${lock.line} has locked a table: that lock is held until all rows are done.`,
        remedy:
          'Change the schema in one migration and the rows in another, in batches that are committed one by one, from a script or a job.',
      },
    ]
  },
}
