import type { LintRule } from '../rule.ts'
import { isFull, tableEffects } from '../tree/effects.ts'
import { pick } from '../tree/pick.ts'

/** Nobody can read or write the table until all of it has been copied. */
export const vacuumFullOrCluster: LintRule = {
  id: 'vacuum-full-or-cluster',
  title: 'VACUUM FULL or CLUSTER',
  squawk: ['prefer-repack'],
  level: 'error',
  defaultOn: true,
  statement: (context) => {
    const { node } = context.statement
    const full = isFull(pick(node, 'VacuumStmt')?.options)
    const cluster = pick(node, 'ClusterStmt')
    if (!full && cluster === null) return []
    const words = full ? 'VACUUM FULL' : 'CLUSTER'
    const remedy =
      'Use pg_repack or pg_squeeze, which copy the table while it is in use; plain VACUUM where bloat is all.'
    const named = full ? (pick(node, 'VacuumStmt')?.rels ?? []).length > 0 : cluster?.relation !== undefined
    if (!named)
      return [
        { message: `${words} without a table writes every table of the database anew, each under a lock.`, remedy },
      ]
    return tableEffects(context).map(({ name, table }) => ({
      message: `${words} writes ${name} and its indexes anew.`,
      remedy,
      table,
      lock: 'AccessExclusive' as const,
      work: 'rewrite' as const,
    }))
  },
}
