import type { LintEdit, LintRule, StatementContext } from '../rule.ts'
import { pick, written } from '../tree/pick.ts'
import { existingTarget } from '../tree/target.ts'
import { orMoved, runsInTransaction } from '../tree/wording.ts'

/** Behind the word INDEX; nothing where comments stand in between, or where a transaction forbids it. */
function fixOf(context: StatementContext): readonly LintEdit[] | null {
  const end = /^create\s+(?:unique\s+)?index/i.exec(context.statement.sql)?.[0].length
  if (end === undefined || runsInTransaction(context)) return null
  return [{ from: end, to: end, insert: ' CONCURRENTLY' }]
}

const PARTITIONED =
  'A partitioned table takes no CONCURRENTLY: create the index ON ONLY it, create one CONCURRENTLY on each partition, and attach each with ALTER INDEX … ATTACH PARTITION.'

/** The lock holds up every write for as long as the index is built. */
export const indexWithoutConcurrently: LintRule = {
  id: 'index-without-concurrently',
  title: 'CREATE INDEX without CONCURRENTLY',
  squawk: ['require-concurrent-index-creation'],
  level: 'error',
  defaultOn: true,
  statement: (context) => {
    const index = pick(context.statement.node, 'IndexStmt')
    const target = existingTarget(context, index?.relation)
    if (index === null || target === null || index.concurrent === true) return []
    const { table, name } = target
    const isPartitioned = table?.kind === 'partitioned'
    // ON ONLY a partitioned table builds nothing.
    if (index.relation?.inh !== true && (isPartitioned || table === null)) return []
    const known =
      index.idxname === undefined ? null : context.index(table?.schema ?? target.relation.schema, index.idxname)
    if (index.if_not_exists === true && known !== null) return []
    const fix = isPartitioned ? null : fixOf(context)
    const what = index.idxname === undefined ? 'An index' : `Index ${written(index.idxname)}`
    return [
      {
        message: `${what} on ${name} is built without CONCURRENTLY.`,
        remedy: isPartitioned ? PARTITIONED : `Use CREATE INDEX CONCURRENTLY${orMoved(context)}.`,
        table,
        lock: 'Share',
        work: 'index-build',
        ...(fix === null ? {} : { fix }),
      },
    ]
  },
}
