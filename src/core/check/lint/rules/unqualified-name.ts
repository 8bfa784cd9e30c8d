import type { RangeVar } from '@pgsql/types'
import type { LintRule, StatementContext } from '../rule.ts'
import { dropped, pick, written } from '../tree/pick.ts'

/** The relation that a statement creates or changes. */
function relationOf(context: StatementContext): RangeVar | undefined {
  const { node } = context.statement
  return (
    pick(node, 'CreateStmt')?.relation ??
    pick(node, 'AlterTableStmt')?.relation ??
    pick(node, 'IndexStmt')?.relation ??
    pick(node, 'RenameStmt')?.relation ??
    pick(node, 'ViewStmt')?.view ??
    pick(node, 'CreateSeqStmt')?.sequence ??
    undefined
  )
}

/** What an unqualified name means is decided by the search_path of whoever runs the migration. */
export const unqualifiedName: LintRule = {
  id: 'unqualified-name',
  title: 'Name without its schema',
  squawk: ['require-table-schema'],
  level: 'note',
  // Most projects have one schema.
  defaultOn: false,
  statement: (context) => {
    const relation = relationOf(context)
    const own = relation === undefined || relation.relpersistence === 't' || relation.schemaname !== undefined
    const names = own ? [] : [{ name: relation.relname ?? '', location: relation.location ?? 0 }]
    const lost = [...dropped(context, 'OBJECT_TABLE'), ...dropped(context, 'OBJECT_INDEX')]
      .filter((one) => one.schema === null)
      .map((one) => ({ name: one.name, location: 0 }))
    return [...names, ...lost].map(({ name, location }) => ({
      location,
      message: `${written(name)} is written without its schema: the search_path of whoever runs the migration decides what it means.`,
      remedy: `Write the schema, such as public.${written(name)}.`,
    }))
  },
}
