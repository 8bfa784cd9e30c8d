import type { ParsedStatement } from '../../sql.ts'
import type { LintRule } from '../rule.ts'
import { nameOfRelation, pick, pickAll, written } from '../tree/pick.ts'
import { targetActions } from '../tree/target.ts'

/** True when the statement adds a NOT VALID constraint of that name to that table. */
function adds({ node }: ParsedStatement, table: string, constraint: string): boolean {
  const alter = pick(node, 'AlterTableStmt')
  if (alter === null || written(nameOfRelation(alter.relation)) !== table) return false
  return pickAll(alter.cmds, 'AlterTableCmd').some(({ def }) => {
    const added = pick(def, 'Constraint')
    return added?.skip_validation === true && added.conname === constraint
  })
}

/** The strong lock of ADD … NOT VALID is held until the transaction ends: all that NOT VALID was to avoid comes back. */
export const validateInSameTransaction: LintRule = {
  id: 'validate-in-same-transaction',
  title: 'VALIDATE in the transaction that added the constraint',
  squawk: ['constraint-missing-not-valid'],
  level: 'error',
  defaultOn: true,
  statement: (context) =>
    targetActions(context, ['AT_ValidateConstraint']).flatMap(({ command, name, table, location }) => {
      const constraint = command.name ?? ''
      const earlier = context.transaction?.before ?? []
      const inBlock =
        context.statement.origin === 'do-block' ? context.before.filter((one) => one.origin === 'do-block') : []
      const sameStatement = adds(context.statement, name, constraint)
      const adding = [...earlier, ...inBlock].find((one) => adds(one, name, constraint))
      if (adding === undefined && !sameStatement) return []
      const added = pickAll(pick((adding ?? context.statement).node, 'AlterTableStmt')?.cmds, 'AlterTableCmd')
      const isForeignKey = added.some(({ def }) => {
        const one = pick(def, 'Constraint')
        return one?.conname === constraint && one.contype === 'CONSTR_FOREIGN'
      })
      return [
        {
          location,
          message: `Constraint ${written(constraint)} of ${name} is validated in the transaction that added it, which still holds the lock of ADD CONSTRAINT.`,
          remedy:
            'Put VALIDATE CONSTRAINT into a migration of its own, after the one that adds the constraint has been committed.',
          table,
          lock: isForeignKey ? ('ShareRowExclusive' as const) : ('AccessExclusive' as const),
          work: 'scan' as const,
        },
      ]
    }),
}
