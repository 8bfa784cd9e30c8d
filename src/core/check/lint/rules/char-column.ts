import type { LintRule } from '../rule.ts'
import { declaredColumns, endOfType } from '../tree/declared-columns.ts'

/** `char(n)` pads with blanks, and forgets them again when it compares. */
export const charColumn: LintRule = {
  id: 'char-column',
  title: 'Column of type char(n), which pads with blanks',
  squawk: ['ban-char-field'],
  level: 'warning',
  defaultOn: true,
  statement: (context) =>
    declaredColumns(context)
      .filter(({ type }) => type.name === 'bpchar' && type.fromGrammar && type.arguments > 0)
      .map((column) => {
        const { sql } = context.statement
        const from = column.type.location
        const to = endOfType(sql, from)
        const length = /\(\s*(\d+)\s*\)/.exec(sql.slice(from, to))?.[1] ?? '1'
        return {
          location: from,
          message: `Column ${column.name} is char(${length}): PostgreSQL fills every value with blanks to that length, and ignores them in some comparisons and not in others.`,
          remedy: `Use text with a CHECK on its length, or varchar(${length}).`,
          ...(column.how === 'retype' ? {} : { fix: [{ from, to, insert: `varchar(${length})` }] }),
        }
      }),
}
