import type { LintRule } from '../rule.ts'
import { declaredColumns, tablePrimaryKey } from '../tree/declared-columns.ts'
import { nameOfRelation, pick, pickAll, written } from '../tree/pick.ts'

/** Rows without a key cannot be told apart: not by logical replication, not by a backfill in batches, not by an ORM. */
export const noPrimaryKey: LintRule = {
  id: 'no-primary-key',
  title: 'Table without a primary key',
  squawk: [],
  level: 'note',
  defaultOn: true,
  statement: (context) => {
    const create = pick(context.statement.node, 'CreateStmt')
    if (create === null || create.relation?.relpersistence === 't') return []
    // Partitions, children and copies take their key from elsewhere.
    if ((create.inhRelations ?? []).length > 0 || create.ofTypename !== undefined) return []
    if (pickAll(create.tableElts, 'TableLikeClause').length > 0 || (create.tableElts ?? []).length === 0) return []
    const name = nameOfRelation(create.relation)
    const hasKey =
      tablePrimaryKey(create.tableElts).length > 0 || declaredColumns(context).some((column) => column.isPrimaryKey)
    if (hasKey) return []
    const getsKey = [...context.after, ...(context.later ?? [])].some(({ node }) => {
      const alter = pick(node, 'AlterTableStmt')
      if (alter?.relation?.relname !== name.name) return false
      return pickAll(alter.cmds, 'AlterTableCmd').some(
        (command) => pick(command.def, 'Constraint')?.contype === 'CONSTR_PRIMARY',
      )
    })
    if (getsKey) return []
    return [
      {
        location: create.relation?.location ?? 0,
        message: `Table ${written(name)} has no primary key: logical replication refuses its updates, and its rows cannot be worked through in batches.`,
        remedy: 'Give it one: an identity column, or the columns that name a row.',
      },
    ]
  },
}
