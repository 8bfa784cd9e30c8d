import type { Node } from '@pgsql/types'
import type { LintHit, LintRule } from '../rule.ts'
import { findAll, pickAll, written } from '../tree/pick.ts'

/** Columns that a list names a second time; parts of arrays and rows may be set one by one. */
function repeated(
  targets: readonly Node[] | undefined,
): readonly { readonly name: string; readonly location: number }[] {
  const seen = new Set<string>()
  return pickAll(targets, 'ResTarget').flatMap(({ name = '', indirection, location = 0 }) => {
    if (indirection !== undefined && indirection.length > 0) return []
    if (!seen.has(name)) {
      seen.add(name)
      return []
    }
    return [{ name, location }]
  })
}

/** PostgreSQL refuses it, and the migration stops there. */
export const duplicateColumnAssignment: LintRule = {
  id: 'duplicate-column-assignment',
  title: 'One column assigned twice',
  squawk: ['ban-duplicate-column-assignments'],
  level: 'error',
  defaultOn: true,
  statement: (context) => {
    const { node } = context.statement
    const inserts = findAll(node, 'InsertStmt')
    const lists = [
      ...findAll(node, 'UpdateStmt').map((update) => update.targetList),
      ...inserts.map((insert) => insert.cols),
      ...inserts.map((insert) => insert.onConflictClause?.targetList),
      ...findAll(node, 'MergeWhenClause').map((clause) => clause.targetList),
    ]
    return lists.flatMap(repeated).map(
      ({ name, location }): LintHit => ({
        location,
        message: `Column ${written(name)} gets two values in one statement: PostgreSQL refuses it.`,
        remedy: 'Keep the one that is meant.',
      }),
    )
  },
}
