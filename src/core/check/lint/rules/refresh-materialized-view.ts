import type { KnownTable, LintRule } from '../rule.ts'
import { nameOfRelation, pick, written } from '../tree/pick.ts'

const hasKey = (view: KnownTable | null): boolean =>
  view?.indexes.some((index) => index.unique && index.valid && !index.partial && !index.columns.includes(null)) === true

/** Nobody can read the view while it is made anew. */
export const refreshMaterializedView: LintRule = {
  id: 'refresh-materialized-view',
  title: 'REFRESH MATERIALIZED VIEW without CONCURRENTLY',
  squawk: [],
  level: 'warning',
  defaultOn: true,
  statement: (context) => {
    const refresh = pick(context.statement.node, 'RefreshMatViewStmt')
    if (refresh === null || refresh.concurrent === true) return []
    const name = nameOfRelation(refresh.relation)
    const view = context.table(name.schema, name.name)
    if (view?.isNew === true) return []
    if (refresh.skipData === true)
      return [
        {
          table: view,
          message: `WITH NO DATA empties ${written(name)}: every query that reads it fails until it is refreshed again.`,
          remedy: 'Leave WITH NO DATA out unless nothing reads the view.',
        },
      ]
    const words = /^refresh\s+materialized\s+view(?=\s)/i.exec(context.statement.sql)?.[0].length
    const canBeFixed = words !== undefined && hasKey(view)
    return [
      {
        table: view,
        lock: 'AccessExclusive' as const,
        work: 'rewrite' as const,
        message: `Refreshes ${written(name)} so that nobody can read it until all of it is made anew.`,
        remedy: `Use REFRESH MATERIALIZED VIEW CONCURRENTLY ${written(name)}; it needs a unique index on plain columns of the view.`,
        ...(canBeFixed ? { fix: [{ from: words, to: words, insert: ' CONCURRENTLY' }] } : {}),
      },
    ]
  },
}
