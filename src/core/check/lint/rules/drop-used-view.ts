import type { LintRule } from '../rule.ts'
import { dropped, type ObjectName, pick, written } from '../tree/pick.ts'
import { usageOf } from '../tree/usage.ts'

/** A view that the workload reads. Views that are made again in the same file are changed, not dropped. */
export const dropUsedView: LintRule = {
  id: 'drop-used-view',
  title: 'View dropped that queries use',
  squawk: [],
  level: 'error',
  defaultOn: true,
  statement: (context) => {
    const madeAgain = (name: ObjectName) =>
      context.after.some(({ node }) => {
        const made =
          pick(node, 'ViewStmt')?.view ??
          pick(node, 'CreateTableAsStmt')?.into?.rel ??
          pick(node, 'CreateStmt')?.relation
        return made?.relname === name.name
      })
    return [...dropped(context, 'OBJECT_VIEW'), ...dropped(context, 'OBJECT_MATVIEW')].flatMap((name) => {
      const view = context.table(name.schema, name.name)
      const usage = view?.isNew === true || madeAgain(name) ? null : usageOf(context, view)
      if (usage === null) return []
      return [
        {
          table: view,
          message: `Drops view ${written(name)}, which the workload still uses: ${usage.text} will fail.`,
          remedy:
            'First deploy a release that no longer uses the view, and drop it once no query has come for some time.',
        },
      ]
    })
  },
}
