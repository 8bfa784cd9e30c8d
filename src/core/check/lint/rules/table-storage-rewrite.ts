import type { LintRule } from '../rule.ts'
import { type ActionKind, targetActions } from '../tree/target.ts'

const WORDS: ReadonlyMap<ActionKind, string> = new Map<ActionKind, string>([
  ['AT_SetLogged', 'SET LOGGED'],
  ['AT_SetUnLogged', 'SET UNLOGGED'],
  ['AT_SetAccessMethod', 'SET ACCESS METHOD'],
  ['AT_SetTableSpace', 'SET TABLESPACE'],
])

/** Where and how a table is kept cannot be changed in place. */
export const tableStorageRewrite: LintRule = {
  id: 'table-storage-rewrite',
  title: 'Change of storage that copies the whole table',
  squawk: [],
  level: 'error',
  defaultOn: true,
  statement: (context) =>
    targetActions(context, [...WORDS.keys()]).flatMap(({ command, name, table, location }) => {
      const words = command.subtype === undefined ? undefined : WORDS.get(command.subtype)
      // A partitioned table has no rows of its own.
      if (words === undefined || table?.kind === 'partitioned') return []
      return [
        {
          location,
          message: `${words} copies all of ${name}.`,
          remedy: 'Copy in batches into a new table that is stored the new way and swap the names, or use pg_repack.',
          table,
          lock: 'AccessExclusive' as const,
          work: 'rewrite' as const,
        },
      ]
    }),
}
