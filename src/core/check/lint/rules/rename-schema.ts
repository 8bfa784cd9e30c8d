import type { LintRule } from '../rule.ts'
import { pick, written } from '../tree/pick.ts'

/** Every qualified name in code, and every search_path that lists the schema, means nothing afterwards. */
export const renameSchema: LintRule = {
  id: 'rename-schema',
  title: 'RENAME of a schema',
  squawk: [],
  level: 'error',
  defaultOn: true,
  statement: (context) => {
    const rename = pick(context.statement.node, 'RenameStmt')
    if (rename?.renameType !== 'OBJECT_SCHEMA') return []
    const old = rename.subname ?? ''
    if (context.before.some((statement) => pick(statement.node, 'CreateSchemaStmt')?.schemaname === old)) return []
    return [
      {
        message: `Renames schema ${written(old)} to ${written(rename.newname ?? '')}: every query that names it, every search_path that lists it and every function body that uses it fails at once.`,
        remedy:
          'Create the new schema, move tables one by one, each with a view in the old schema, and drop the old schema when nothing uses it.',
      },
    ]
  },
}
