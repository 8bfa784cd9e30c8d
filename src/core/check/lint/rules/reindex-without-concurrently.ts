import type { LintEdit, LintRule, StatementContext } from '../rule.ts'
import { isConcurrently, tableEffects } from '../tree/effects.ts'
import { nameOfRelation, pick, written } from '../tree/pick.ts'
import { orMoved, runsInTransaction } from '../tree/wording.ts'

const SINCE = 120000

function fixOf(context: StatementContext): readonly LintEdit[] | null {
  const end = /^reindex\s+(?:index|table|schema|database)/i.exec(context.statement.sql)?.[0].length
  const isOld = context.serverVersion !== null && context.serverVersion < SINCE
  return end === undefined || isOld || runsInTransaction(context)
    ? null
    : [{ from: end, to: end, insert: ' CONCURRENTLY' }]
}

/** The table takes no writes meanwhile; and queries that would use the index wait as well, reads too. */
export const reindexWithoutConcurrently: LintRule = {
  id: 'reindex-without-concurrently',
  title: 'REINDEX without CONCURRENTLY',
  squawk: ['require-concurrent-reindex'],
  level: 'error',
  defaultOn: true,
  statement: (context) => {
    const reindex = pick(context.statement.node, 'ReindexStmt')
    if (reindex === null || isConcurrently(reindex.params) || reindex.kind === 'REINDEX_OBJECT_SYSTEM') return []
    const named = nameOfRelation(reindex.relation)
    const isIndex = reindex.kind === 'REINDEX_OBJECT_INDEX'
    const known = isIndex ? context.index(named.schema, named.name) : context.table(named.schema, named.name)
    if (known?.isNew === true) return []
    const table = tableEffects(context)[0]?.table ?? null
    const fix = fixOf(context)
    const what = isIndex ? 'Index ' : ''
    return [
      {
        message: `${what}${named.name === '' ? written(reindex.name ?? 'everything') : written(named)} is rebuilt without CONCURRENTLY; reads that would use the index wait, too.`,
        remedy: `Use REINDEX … CONCURRENTLY (PostgreSQL 12 and later)${orMoved(context)}.`,
        table,
        lock: 'Share',
        work: 'index-build',
        ...(fix === null ? {} : { fix }),
      },
    ]
  },
}
