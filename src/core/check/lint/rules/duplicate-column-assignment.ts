import type { Node } from '@pgsql/types'
import type { LintHit, LintRule } from '../rule.ts'
import { pick, pickAll, written } from '../tree/pick.ts'

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

/** The statement, and those that change data in its WITH: PostgreSQL allows them nowhere else. */
function writes(node: Node | null): readonly (Node | null)[] {
  const body = pick(node, 'SelectStmt') ?? pick(node, 'UpdateStmt') ?? pick(node, 'InsertStmt')
  const other = body ?? pick(node, 'DeleteStmt') ?? pick(node, 'MergeStmt')
  return [node, ...pickAll(other?.withClause?.ctes, 'CommonTableExpr').map((one) => one.ctequery ?? null)]
}

/** The lists of a statement in each of which a column may stand once. */
function assignments(node: Node | null): readonly (readonly Node[] | undefined)[] {
  const insert = pick(node, 'InsertStmt')
  const merge = pickAll(pick(node, 'MergeStmt')?.mergeWhenClauses, 'MergeWhenClause')
  return [
    pick(node, 'UpdateStmt')?.targetList,
    insert?.cols,
    insert?.onConflictClause?.targetList,
    ...merge.map((clause) => clause.targetList),
  ]
}

/** PostgreSQL refuses it, and the migration stops there. */
export const duplicateColumnAssignment: LintRule = {
  id: 'duplicate-column-assignment',
  title: 'One column assigned twice',
  squawk: ['ban-duplicate-column-assignments'],
  level: 'error',
  defaultOn: true,
  statement: (context) =>
    writes(context.statement.node)
      .flatMap(assignments)
      .flatMap(repeated)
      .map(
        ({ name, location }): LintHit => ({
          location,
          message: `Column ${written(name)} gets two values in one statement: PostgreSQL refuses it.`,
          remedy: 'Keep the one that is meant.',
        }),
      ),
}
