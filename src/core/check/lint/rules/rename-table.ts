import type { ObjectType } from '@pgsql/types'
import type { LintRule, StatementContext } from '../rule.ts'
import { nameOfRelation, type ObjectName, pick, written } from '../tree/pick.ts'
import { usageOf } from '../tree/usage.ts'

const RELATIONS: readonly (ObjectType | undefined)[] = [
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_FOREIGN_TABLE',
]

/** What a statement gives another name or schema. */
function renamed(context: StatementContext): { readonly from: ObjectName; readonly to: string } | null {
  const rename = pick(context.statement.node, 'RenameStmt')
  if (rename !== null && RELATIONS.includes(rename.renameType))
    return { from: nameOfRelation(rename.relation), to: written(rename.newname ?? '') }
  const move = pick(context.statement.node, 'AlterObjectSchemaStmt')
  if (move === null || !RELATIONS.includes(move.objectType)) return null
  const from = nameOfRelation(move.relation)
  return { from, to: written({ schema: move.newschema ?? '', name: from.name }) }
}

/** In one transaction with the rename something else takes the old name: readers never see it missing. */
function isSwap(context: StatementContext, from: ObjectName): boolean {
  if (context.transaction === null) return false
  const commit = context.after.findIndex(
    (statement) => pick(statement.node, 'TransactionStmt')?.kind === 'TRANS_STMT_COMMIT',
  )
  const rest = commit === -1 ? context.after : context.after.slice(0, commit)
  return rest.some(({ node }) => {
    const rename = pick(node, 'RenameStmt')
    if (rename !== null) return RELATIONS.includes(rename.renameType) && rename.newname === from.name
    const made = pick(node, 'ViewStmt')?.view ?? pick(node, 'CreateStmt')?.relation
    return made?.relname === from.name
  })
}

/** Code knows a table by its name, and the code that runs now knows the old one. */
export const renameTable: LintRule = {
  id: 'rename-table',
  title: 'Table or view renamed, or moved to another schema',
  squawk: ['renaming-table'],
  level: 'warning',
  defaultOn: true,
  statement: (context) => {
    const found = renamed(context)
    if (found === null || isSwap(context, found.from)) return []
    const table = context.table(found.from.schema, found.from.name)
    if (table?.isNew === true) return []
    const usage = usageOf(context, table)
    const what = `${written(found.from)} to ${found.to}`
    return [
      {
        table,
        // A query that fails is an error on a small table too: then size does not count.
        ...(usage === null
          ? { lock: 'AccessExclusive' as const, work: 'instant' as const }
          : { level: 'error' as const }),
        message:
          usage === null
            ? `Renames ${what}: the release that runs now fails at once, and so does a rollback to it.`
            : `Renames ${what}, but the workload uses the old name: ${usage.text} will fail.`,
        remedy:
          'In the same transaction create a view with the old name over the new table; drop it when no release uses the old name.',
      },
    ]
  },
}
