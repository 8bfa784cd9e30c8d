import type { LintEdit, StatementContext } from '../rule.ts'
import { pick, written } from './pick.ts'
import type { AddedConstraint } from './target.ts'
import { runsInTransaction } from './wording.ts'

/**
 * Adds NOT VALID and a VALIDATE of its own. Null where that is not mechanical: the constraint has no name, the statement does
 * more, a transaction would hold the lock, or the table cannot take it.
 */
export function notValidFix(context: StatementContext, added: AddedConstraint): readonly LintEdit[] | null {
  const { sql, node } = context.statement
  const { conname } = added.constraint
  const alter = pick(node, 'AlterTableStmt')
  const isAlone = alter?.cmds?.length === 1 && alter.missing_ok !== true && added.column === null
  if (runsInTransaction(context) || !isAlone || conname === undefined || sql.includes('--')) return null
  const isForeignKey = added.constraint.contype === 'CONSTR_FOREIGN'
  if (isForeignKey && added.table?.kind === 'partitioned') return null
  const end = sql.trimEnd().length
  const validate = `ALTER TABLE ${added.name} VALIDATE CONSTRAINT ${written(conname)}`
  return [{ from: end, to: end, insert: ` NOT VALID;\n${validate}` }]
}
