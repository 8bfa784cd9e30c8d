import type { LintRule } from '../rule.ts'
import { nameFrom, pick, written } from '../tree/pick.ts'

/** The order of an enum's values is what ORDER BY, <, min and max go by, and it cannot be changed later. */
export const enumValueOrder: LintRule = {
  id: 'enum-value-order',
  title: 'ADD VALUE without BEFORE or AFTER',
  squawk: ['require-enum-value-ordering'],
  level: 'note',
  // Most enums are never ordered by.
  defaultOn: false,
  statement: (context) => {
    const alter = pick(context.statement.node, 'AlterEnumStmt')
    if (alter === null || alter.oldVal !== undefined || alter.newValNeighbor !== undefined) return []
    const type = written(nameFrom(alter.typeName))
    return [
      {
        message: `The value '${alter.newVal ?? ''}' of ${type} gets the last place, which ORDER BY and comparisons go by, and which cannot be changed later.`,
        remedy: `Say where it belongs: ALTER TYPE ${type} ADD VALUE '${alter.newVal ?? ''}' AFTER '…'.`,
      },
    ]
  },
}
