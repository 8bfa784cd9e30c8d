import type { LintRule } from '../rule.ts'
import { nameFrom, pick, written } from '../tree/pick.ts'

/** A value once added cannot be taken out again, nor the order be changed. */
export const enumType: LintRule = {
  id: 'enum-type',
  title: 'CREATE TYPE … AS ENUM',
  squawk: [],
  level: 'note',
  // Many teams like enums, with reason: a house rule for those who do not.
  defaultOn: false,
  statement: (context) => {
    const create = pick(context.statement.node, 'CreateEnumStmt')
    if (create === null) return []
    return [
      {
        message: `Values of enum ${written(nameFrom(create.typeName))} can be added and renamed, never removed.`,
        remedy: 'Use a table of values with a foreign key, or text with a CHECK, where values will go.',
      },
    ]
  },
}
