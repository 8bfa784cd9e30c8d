import type { LintRule } from '../rule.ts'
import { pick, written } from '../tree/pick.ts'

/** No migration drops a database on purpose. */
export const dropDatabase: LintRule = {
  id: 'drop-database',
  title: 'DROP DATABASE',
  squawk: ['ban-drop-database'],
  level: 'error',
  defaultOn: true,
  statement: (context) => {
    const drop = pick(context.statement.node, 'DropdbStmt')
    if (drop === null) return []
    return [
      {
        message: `Drops database ${written(drop.dbname ?? '')} with everything in it.`,
        remedy: 'Take it out of the migration. A database is dropped by hand, by somebody who looked twice.',
      },
    ]
  },
}
