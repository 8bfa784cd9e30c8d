import type { LintHit, LintRule, StatementContext } from '../rule.ts'
import { nameOfRelation, type ObjectName, pick, pickAll, written } from '../tree/pick.ts'
import { closureOf } from '../tree/references.ts'

const SHOWN_TABLES = 12

function hitOf(context: StatementContext, name: ObjectName): LintHit {
  const table = context.table(name.schema, name.name)
  const closure = table === null ? [] : closureOf(context, table)
  const shown = closure.slice(0, SHOWN_TABLES).map((one) => written({ schema: one.schema, name: one.name }))
  const more = closure.length > shown.length ? ` and ${closure.length - shown.length} more` : ''
  const list =
    closure.length > 0
      ? `It empties ${shown.join(', ')}${more} too.`
      : 'It empties every table that points to it by a foreign key too, and every one that points to those.'
  return {
    message: `TRUNCATE ${written(name)} CASCADE deletes more than it names. ${list}`,
    remedy:
      'Name every table that should be emptied and leave CASCADE out: then PostgreSQL refuses when a table is missing from the list.',
    table,
  }
}

/** The tables that are emptied stand nowhere in the statement. */
export const truncateCascade: LintRule = {
  id: 'truncate-cascade',
  title: 'TRUNCATE … CASCADE',
  squawk: ['ban-truncate-cascade'],
  level: 'error',
  defaultOn: true,
  statement: (context) => {
    const truncate = pick(context.statement.node, 'TruncateStmt')
    if (truncate?.behavior !== 'DROP_CASCADE') return []
    // A table of this change has rows of nobody, but with CASCADE it may still reach tables that do: only a table to
    // which nothing old can point is left out, and that is one made in this very transaction.
    return pickAll(truncate.relations, 'RangeVar')
      .map(nameOfRelation)
      .filter((name) => context.table(name.schema, name.name)?.isNewInTransaction !== true)
      .map((name) => hitOf(context, name))
  },
}
