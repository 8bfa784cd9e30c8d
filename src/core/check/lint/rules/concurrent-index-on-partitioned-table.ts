import type { LintRule } from '../rule.ts'
import { pick, written } from '../tree/pick.ts'

/** PostgreSQL refuses it: the index of a partitioned table is made of those of its partitions. */
export const concurrentIndexOnPartitionedTable: LintRule = {
  id: 'concurrent-index-on-partitioned-table',
  title: 'CREATE INDEX CONCURRENTLY on a partitioned table',
  squawk: [],
  level: 'error',
  defaultOn: true,
  statement: (context) => {
    const index = pick(context.statement.node, 'IndexStmt')
    const relation = index?.relation
    if (index === null || index.concurrent !== true || relation === undefined) return []
    if (context.table(relation.schemaname, relation.relname)?.kind !== 'partitioned') return []
    const name = written({ schema: relation.schemaname ?? null, name: relation.relname ?? '' })
    return [
      {
        location: relation.location ?? 0,
        message: `${name} is partitioned: PostgreSQL refuses CREATE INDEX CONCURRENTLY on it, and the migration fails.`,
        remedy: `Use CREATE INDEX … ON ONLY ${name} (instant; the index is not valid yet), CREATE INDEX CONCURRENTLY on each partition, and ALTER INDEX … ATTACH PARTITION for each; with the last one the index becomes valid.`,
      },
    ]
  },
}
