import type { LintRule } from '../rule.ts'
import { notNullProof } from '../tree/not-null.ts'
import { written } from '../tree/pick.ts'
import { addedConstraints } from '../tree/target.ts'
import { listed } from '../tree/wording.ts'

/** USING INDEX is instant, except for this: PRIMARY KEY sets NOT NULL without a word, which reads every row. */
export const primaryKeyIndexOnNullableColumn: LintRule = {
  id: 'primary-key-index-on-nullable-column',
  title: 'PRIMARY KEY USING INDEX that sets NOT NULL',
  squawk: [],
  level: 'warning',
  defaultOn: true,
  statement: (context) =>
    addedConstraints(context).flatMap(({ constraint, table, relation, name, location }) => {
      const { contype, indexname } = constraint
      if (contype !== 'CONSTR_PRIMARY' || indexname === undefined) return []
      const index = context.index(table?.schema ?? relation.schema, indexname)
      const open = (index?.columns ?? []).filter((column) => {
        if (column === null) return false
        const { kind } = notNullProof(context, table, column)
        return kind === 'open' || kind === 'unproven'
      })
      if (index !== null && open.length === 0) return []
      const columns = listed(open.flatMap((column) => (column === null ? [] : written(column))))
      const which = index === null ? `the columns of index ${written(indexname)}` : columns
      return [
        {
          location,
          message: `PRIMARY KEY USING INDEX also sets ${which} of ${name} NOT NULL: unless that holds already, it reads every row while it holds the lock.`,
          remedy: `Before: ALTER TABLE ${name} ADD CONSTRAINT … CHECK (… IS NOT NULL) NOT VALID; VALIDATE CONSTRAINT in a transaction of its own; SET NOT NULL, which is then instant.`,
          table,
          lock: 'AccessExclusive' as const,
          work: 'scan' as const,
        },
      ]
    }),
}
