import type { LintRule } from '../rule.ts'
import { dropped, pick, written } from '../tree/pick.ts'

/** With CASCADE everything in the schema goes, whatever its size and whoever uses it. */
export const dropSchema: LintRule = {
  id: 'drop-schema',
  title: 'DROP SCHEMA',
  squawk: [],
  level: 'error',
  defaultOn: true,
  statement: (context) => {
    const cascades = pick(context.statement.node, 'DropStmt')?.behavior === 'DROP_CASCADE'
    const isMadeHere = (name: string) =>
      context.before.some((statement) => pick(statement.node, 'CreateSchemaStmt')?.schemaname === name)
    return dropped(context, 'OBJECT_SCHEMA')
      .filter((schema) => !isMadeHere(schema.name))
      .map((schema) => {
        const tables = (context.tables?.() ?? []).filter((table) => table.schema === schema.name)
        const count = tables.length === 0 ? '' : ` (${tables.length} table${tables.length === 1 ? '' : 's'} and views)`
        return cascades
          ? {
              message: `Drops schema ${written(schema.name)} with everything in it${count}.`,
              remedy:
                'Drop the objects one by one, each once nothing uses it, and the empty schema last, without CASCADE.',
            }
          : {
              level: 'note' as const,
              message: `Drops schema ${written(schema.name)}; without CASCADE that works only when it is empty.`,
              remedy: 'Make sure that no search_path and no grant still relies on it.',
            }
      })
  },
}
