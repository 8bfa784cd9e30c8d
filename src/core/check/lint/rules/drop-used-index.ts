import type { KnownIndex, KnownTable, LintHit, LintRule, StatementContext } from '../rule.ts'
import { dropped, type ObjectName, pick, written } from '../tree/pick.ts'
import { usageOf } from '../tree/usage.ts'

/** An index of the same table that can stand in: valid, for all rows, and with the same columns first. */
function standIn(index: KnownIndex, table: KnownTable | null): KnownIndex | null {
  // Nobody knows its columns: every other one would seem to begin with them.
  if (index.columns.length === 0) return null
  const covers = (other: KnownIndex) =>
    other.name !== index.name &&
    other.valid &&
    !other.partial &&
    !index.columns.includes(null) &&
    index.columns.every((column, at) => other.columns[at] === column) &&
    (!index.unique || (other.unique && other.columns.length === index.columns.length))
  return table?.indexes.find(covers) ?? null
}

function hitOf(context: StatementContext, name: ObjectName): readonly LintHit[] {
  const index = context.index(name.schema, name.name)
  if (index === null || index.isNew || !index.valid) return []
  const table = context.table(index.schema, index.table)
  const [leading] = index.columns
  const usage = leading === null || leading === undefined ? null : usageOf(context, table, [leading])
  const scans = index.scans ?? 0
  if (usage === null && scans === 0 && !index.unique) return []
  const other = standIn(index, table)
  const evidence = [
    ...(scans > 0 ? [`production has used it ${scans.toLocaleString('en')} times since its counts began`] : []),
    ...(usage === null ? [] : [`the workload names its first column: ${usage.text}`]),
    ...(index.unique ? ['it keeps values unique'] : []),
  ]
  const because = `${evidence.join('; ')}.`
  return [
    {
      table,
      level: other === null ? 'warning' : 'note',
      message:
        other === null
          ? `Drops index ${written(index.name)} of ${written(index.table)}, though ${because}`
          : `Drops index ${written(index.name)} of ${written(index.table)}, though ${because} Index ${written(other.name)} begins with the same columns and can stand in.`,
      remedy:
        'Look at the plans of those queries with and without it: premortem check compares them at production’s size, while this rule only reads names. Create the replacement first, and drop this one a release later.',
    },
  ]
}

/** The names only: whether a query really gets slower is for the comparison of plans to say. */
export const dropUsedIndex: LintRule = {
  id: 'drop-used-index',
  title: 'Index dropped that production uses',
  squawk: [],
  level: 'warning',
  defaultOn: true,
  statement: (context) => {
    if (pick(context.statement.node, 'DropStmt') === null) return []
    return dropped(context, 'OBJECT_INDEX').flatMap((name) => hitOf(context, name))
  },
}
