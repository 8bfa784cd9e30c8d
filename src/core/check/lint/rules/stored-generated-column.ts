import type { LintRule } from '../rule.ts'
import { fillingOf } from '../tree/added-column-work.ts'
import { written } from '../tree/pick.ts'
import { addedColumns, targetActions } from '../tree/target.ts'

const VIRTUAL_SINCE = 180000

/** A stored column is computed for every row; a virtual one (PostgreSQL 18) when it is read. */
export const storedGeneratedColumn: LintRule = {
  id: 'stored-generated-column',
  title: 'GENERATED … STORED column added to an existing table',
  squawk: ['adding-field-with-default'],
  level: 'error',
  defaultOn: true,
  statement: (context) => {
    const { serverVersion } = context
    const virtual =
      serverVersion === null || serverVersion >= VIRTUAL_SINCE
        ? 'On PostgreSQL 18 and later make it VIRTUAL, which is instant. Else a'
        : 'A'
    const remedy = `${virtual}dd a plain column, keep it up to date by a trigger, and fill the old rows in batches.`
    const added = addedColumns(context).flatMap(({ column, columnName, name, table, location }) => {
      const { kind, constraint } = fillingOf(column)
      if (kind !== 'stored') return []
      return [
        {
          location: constraint?.location ?? location,
          message: `Column ${written(columnName)} is computed for every row of ${name} and stored: the whole table is written anew.`,
          remedy,
          table,
          lock: 'AccessExclusive' as const,
          work: 'rewrite' as const,
        },
      ]
    })
    const changed = targetActions(context, ['AT_SetExpression']).map(({ command, name, table, location }) => ({
      location,
      message: `SET EXPRESSION computes ${written(command.name ?? '')} anew for every row of ${name}: unless the column is virtual, the whole table is written anew.`,
      remedy: 'Add a second column with the new expression, let readers change over, and drop the first.',
      table,
      lock: 'AccessExclusive' as const,
      work: 'rewrite' as const,
    }))
    return [...added, ...changed]
  },
}
