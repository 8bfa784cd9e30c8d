import type { LintRule, StatementContext } from '../rule.ts'
import { type AlterAction, alterActions, nameOfRelation, pick, pickAll, written } from '../tree/pick.ts'

/** A foreign key for certain where the table is known; else by the names that PostgreSQL and people give them. */
function isForeignKey({ table, command }: AlterAction): boolean {
  const known = table?.constraints.find((one) => one.name === command.name)
  if (known !== undefined) return known.kind === 'foreign' && !known.isNew
  return /(^|_)fk(ey)?(_|\d|$)|foreign/i.test(command.name ?? '')
}

/** The same file gives the table a foreign key again: it is changed, not dropped. */
function isReplaced(context: StatementContext, { relation }: AlterAction): boolean {
  return [context.statement, ...context.before, ...context.after].some((statement) => {
    const alter = pick(statement.node, 'AlterTableStmt')
    if (alter === null || nameOfRelation(alter.relation).name !== relation.name) return false
    return pickAll(alter.cmds, 'AlterTableCmd').some(
      (command) => pick(command.def, 'Constraint')?.contype === 'CONSTR_FOREIGN',
    )
  })
}

/** From here on nobody checks that what a row points to exists. */
export const dropForeignKey: LintRule = {
  id: 'drop-foreign-key',
  title: 'Foreign key dropped',
  squawk: [],
  level: 'warning',
  defaultOn: true,
  statement: (context) =>
    alterActions(context, ['AT_DropConstraint'])
      .filter((action) => action.table?.isNew !== true && isForeignKey(action) && !isReplaced(context, action))
      .map(({ relation, command, location }) => ({
        location,
        message: `Drops the foreign key ${written(command.name ?? '')} of ${written(relation)}: from now on rows can point to what is not there, ON DELETE does nothing, and adding it again reads the whole table.`,
        remedy:
          'Say in the migration why it goes. To change it, add the new one NOT VALID, validate it, then drop the old one.',
      })),
}
