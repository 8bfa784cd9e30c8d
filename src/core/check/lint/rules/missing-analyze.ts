import type { LintHit, LintRule, StatementContext } from '../rule.ts'
import { nameFrom, nameOfRelation, type ObjectName, pick, pickAll, written } from '../tree/pick.ts'
import { noteIfSmall } from '../tree/small-table.ts'
import { existingTarget, type Target, targetActions } from '../tree/target.ts'

/** A later statement looks at the table: ANALYZE of it or of everything. */
function isAnalysed(context: StatementContext, name: ObjectName): boolean {
  return [...context.after, ...(context.later ?? [])].some(({ node }) => {
    const vacuum = pick(node, 'VacuumStmt')
    if (vacuum === null) return false
    const analyses =
      vacuum.is_vacuumcmd !== true || pickAll(vacuum.options, 'DefElem').some((one) => one.defname === 'analyze')
    const tables = pickAll(vacuum.rels, 'VacuumRelation').map((one) => one.relation?.relname)
    return analyses && (tables.length === 0 || tables.includes(name.name))
  })
}

interface Unknown extends Target {
  readonly location: number
  readonly what: string
}

/** What the planner knows nothing of until ANALYZE has been there. */
function unknowns(context: StatementContext): readonly Unknown[] {
  const { node } = context.statement
  const index = pick(node, 'IndexStmt')
  if (index !== null) {
    const target = existingTarget(context, index.relation)
    const onExpression = pickAll(index.indexParams, 'IndexElem').some((key) => key.expr !== undefined)
    const named = index.idxname === undefined ? 'The new index' : `Index ${written(index.idxname)}`
    return target === null || !onExpression
      ? []
      : [{ ...target, location: 0, what: `${named} orders by an expression, of which there are no statistics yet` }]
  }
  const extended = pick(node, 'CreateStatsStmt')
  if (extended !== null) {
    const what = `The statistics ${written(nameFrom(extended.defnames))} are empty`
    return pickAll(extended.relations, 'RangeVar').flatMap((relation) => {
      const target = existingTarget(context, nameOfRelation(relation))
      return target === null ? [] : [{ ...target, location: 0, what }]
    })
  }
  return targetActions(context, ['AT_AlterColumnType', 'AT_SetStatistics']).map((action) => ({
    ...action,
    what:
      action.command.subtype === 'AT_SetStatistics'
        ? `The new statistics target of column ${written(action.command.name ?? '')} has no effect`
        : `The new type of column ${written(action.command.name ?? '')} throws its statistics away`,
  }))
}

/** Plans between the migration and the next ANALYZE are made on guesses; GitLab was down for 70 minutes that way. */
export const missingAnalyze: LintRule = {
  id: 'missing-analyze',
  title: 'Statistics missing until ANALYZE',
  squawk: [],
  level: 'warning',
  defaultOn: true,
  statement: (context) => {
    const seen = new Set<string>()
    return unknowns(context).flatMap(({ name, relation, table, location, what }): readonly LintHit[] => {
      if (seen.has(name) || isAnalysed(context, relation)) return []
      seen.add(name)
      return [
        {
          location,
          table,
          ...noteIfSmall(table),
          message: `${what} until ANALYZE has read ${name}: till then the planner guesses, and queries can get another, much slower plan.`,
          remedy: `Run ANALYZE ${name} right after the migration, as its last statement or in the next one.`,
        },
      ]
    })
  },
}
