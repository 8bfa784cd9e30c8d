import type { Work } from '../../finding.ts'
import type { FindingSeverity } from '../../severity.ts'
import type { KnownTable, LintHit, LintRule } from '../rule.ts'
import { knownIndexes } from '../tree/known-indexes.ts'
import { columnOf } from '../tree/not-null.ts'
import { pick, written } from '../tree/pick.ts'
import { type TargetAction, targetActions } from '../tree/target.ts'
import { typeChange, typeText } from '../tree/type-change.ts'

const BY_STEPS =
  'Add a column of the new type, write both from a trigger or the application, fill the old rows in batches, let readers change over, and drop the old column.'

interface Effect {
  readonly work: Work
  readonly says: string
  readonly remedy: string
  readonly level?: FindingSeverity
}

/** Indexes and CHECKs of the column are dealt with again even where the rows stay as they are. */
function rest(table: KnownTable | null, column: string, indexes: 'kept' | 'rebuilt'): Effect | null {
  const indexed = knownIndexes(table).filter((index) => index.columns.includes(column))
  if (indexes === 'rebuilt' && indexed.length > 0) {
    const names = indexed.map(({ name }) => written(name)).join(', ')
    const says = `leaves the rows as they are, but builds ${names} anew`
    return { work: 'index-build', says, remedy: BY_STEPS }
  }
  const checks = (table?.constraints ?? []).filter((one) => one.kind === 'check' && one.columns.includes(column))
  if (checks.length === 0) return null
  const names = checks.map(({ name }) => written(name)).join(', ')
  return {
    work: 'scan',
    says: `leaves the rows as they are, but tests ${names} on every row again`,
    remedy: `Drop the CHECK before, and add it again after with NOT VALID and VALIDATE CONSTRAINT.`,
  }
}

function effectOf(action: TargetAction, column: string): Effect | null {
  const { table } = action
  const definition = pick(action.command.def, 'ColumnDef')
  if (definition === null) return null
  const oldType = columnOf(table, column)?.type ?? null
  const change = typeChange(column, oldType, definition)
  if (change.table === 'same') return rest(table, column, change.indexes)
  const rewrite = { work: 'rewrite', remedy: BY_STEPS } as const
  if (change.table === 'rewritten') return { ...rewrite, says: 'writes the whole table and its indexes anew' }
  if (change.table === 'utc-only') {
    const says =
      "writes the whole table anew unless the session's TimeZone is UTC; indexes of the column are built anew either way"
    return {
      ...rewrite,
      level: 'warning',
      says,
      remedy: `SET timezone = 'UTC' before it, if the values are meant as UTC. Else: ${BY_STEPS}`,
    }
  }
  const why = oldType === null ? 'the old type is not known here; a snapshot would tell' : `from ${oldType}`
  return { ...rewrite, level: 'warning', says: `may write the whole table anew (${why})` }
}

/** Most changes of type write the table anew; those that do not are known one by one. */
export const columnTypeChange: LintRule = {
  id: 'column-type-change',
  title: 'ALTER COLUMN … TYPE that rewrites the table',
  squawk: ['changing-column-type'],
  level: 'error',
  defaultOn: true,
  statement: (context) =>
    targetActions(context, ['AT_AlterColumnType']).flatMap((action): LintHit[] => {
      const column = action.command.name ?? ''
      const effect = effectOf(action, column)
      if (effect === null) return []
      const type = typeText(pick(action.command.def, 'ColumnDef')?.typeName)
      return [
        {
          location: action.location,
          ...(effect.level === undefined ? {} : { level: effect.level }),
          message: `Changing ${written(column)} of ${action.name} to ${type} ${effect.says}.`,
          remedy: effect.remedy,
          table: action.table,
          lock: 'AccessExclusive',
          work: effect.work,
        },
      ]
    }),
}
