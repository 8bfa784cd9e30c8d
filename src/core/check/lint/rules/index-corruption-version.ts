import type { LintRule } from '../rule.ts'
import { isConcurrently } from '../tree/effects.ts'
import { pick } from '../tree/pick.ts'

/** server_version_num of the versions with the fault: 14.0 to 14.3. Source: release notes of PostgreSQL 14.4. */
const FIRST_FAULTY = 140000
const FIRST_SOUND = 140004

/** On these versions a concurrent build can miss rows that were updated meanwhile, and nothing says so. */
export const indexCorruptionVersion: LintRule = {
  id: 'index-corruption-version',
  title: 'Concurrent index build on PostgreSQL 14.0 to 14.3',
  squawk: [],
  level: 'error',
  defaultOn: true,
  statement: (context) => {
    const version = context.serverVersion ?? 0
    if (version < FIRST_FAULTY || version >= FIRST_SOUND) return []
    const { node } = context.statement
    const concurrent = pick(node, 'IndexStmt')?.concurrent === true || isConcurrently(pick(node, 'ReindexStmt')?.params)
    if (!concurrent) return []
    return [
      {
        message: `PostgreSQL 14.${version - FIRST_FAULTY} builds indexes that miss rows when it builds them CONCURRENTLY while rows are updated: queries then silently return too little.`,
        remedy:
          'Update the server to 14.4 or later first, and rebuild the indexes that were built concurrently before.',
      },
    ]
  },
}
