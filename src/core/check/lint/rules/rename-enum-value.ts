import type { LintRule } from '../rule.ts'
import { nameFrom, pick, written } from '../tree/pick.ts'

/** The label is what code compares with and writes. */
export const renameEnumValue: LintRule = {
  id: 'rename-enum-value',
  title: 'RENAME VALUE of an enum',
  squawk: [],
  level: 'warning',
  defaultOn: true,
  statement: (context) => {
    const alter = pick(context.statement.node, 'AlterEnumStmt')
    if (alter?.oldVal === undefined) return []
    const type = nameFrom(alter.typeName)
    const isNew = context.before.some((statement) => {
      const made = pick(statement.node, 'CreateEnumStmt')
      return made !== null && nameFrom(made.typeName).name === type.name
    })
    if (isNew) return []
    return [
      {
        message: `Renames the value '${alter.oldVal}' of ${written(type)} to '${alter.newVal ?? ''}': running code that writes or compares '${alter.oldVal}' gets an error, not an empty result.`,
        remedy:
          'Add the new value, deploy code that reads both and writes the new one, update the rows in batches; the old value can stay.',
      },
    ]
  },
}
