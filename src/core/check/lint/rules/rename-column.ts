import type { LintRule } from '../rule.ts'
import { nameOfRelation, pick, written } from '../tree/pick.ts'
import { usageOf } from '../tree/usage.ts'

/** Two releases run at once during every deployment, and each knows only one of the names. */
export const renameColumn: LintRule = {
  id: 'rename-column',
  title: 'RENAME COLUMN',
  squawk: ['renaming-column'],
  level: 'warning',
  defaultOn: true,
  statement: (context) => {
    const rename = pick(context.statement.node, 'RenameStmt')
    if (rename?.renameType !== 'OBJECT_COLUMN') return []
    const name = nameOfRelation(rename.relation)
    const table = context.table(name.schema, name.name)
    if (table?.isNew === true) return []
    const usage = usageOf(context, table, [rename.subname ?? ''])
    const what = `column ${written(rename.subname ?? '')} of ${written(name)} to ${written(rename.newname ?? '')}`
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
          'Add a column with the new name, write both, copy the old values in batches, read the new one, drop the old one a release later.',
      },
    ]
  },
}
