import type { LintRule } from '../rule.ts'
import { declaredColumns, endOfType } from '../tree/declared-columns.ts'

/** `json` keeps text as it came: it has no equality, so `SELECT DISTINCT`, `UNION` and `GROUP BY` over it fail. */
export const jsonColumn: LintRule = {
  id: 'json-column',
  title: 'Column of type json, which cannot be compared',
  squawk: [],
  level: 'warning',
  defaultOn: true,
  statement: (context) =>
    declaredColumns(context)
      .filter((column) => column.type.name === 'json' && column.type.fromGrammar)
      .map((column) => {
        const from = column.type.location
        return {
          location: from,
          message: `Column ${column.name} has the type json, which has no equality operator: SELECT DISTINCT, GROUP BY and UNION over it fail, also in queries that work today with SELECT DISTINCT *.`,
          remedy: 'Use jsonb. Keep json only where the exact text, the order of keys or repeated keys matter.',
          // A column that is retyped may have data and a USING clause: that takes a person.
          ...(column.how === 'retype'
            ? {}
            : { fix: [{ from, to: endOfType(context.statement.sql, from), insert: 'jsonb' }] }),
        }
      }),
}
