import type { LintRule } from '../rule.ts'
import { declaredColumns } from '../tree/declared-columns.ts'

/** A limit inside the type can only be lowered by reading the whole table under the strongest lock. */
export const varcharWithLimit: LintRule = {
  id: 'varchar-with-limit',
  title: 'Length limit inside the type: varchar(n)',
  squawk: ['prefer-text-field'],
  level: 'note',
  // A matter of taste until the limit must change.
  defaultOn: false,
  statement: (context) =>
    declaredColumns(context)
      .filter(({ type }) => type.name === 'varchar' && type.arguments > 0)
      .map((column) => ({
        location: column.type.location,
        message: `Column ${column.name} has its length limit inside the type: lowering it later reads the whole table while nobody can use it.`,
        remedy: `Use text and ADD CONSTRAINT … CHECK (length(${column.name}) <= n), which can be changed with NOT VALID and VALIDATE.`,
      })),
}
