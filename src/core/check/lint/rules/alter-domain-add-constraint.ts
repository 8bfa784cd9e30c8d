import type { LintHit, LintRule } from '../rule.ts'
import { nameFrom, pick, written } from '../tree/pick.ts'

/** Every table with a column of the domain is read, under a lock that stops writes to all of them. */
export const alterDomainAddConstraint: LintRule = {
  id: 'alter-domain-add-constraint',
  title: 'Constraint added to a domain without NOT VALID',
  squawk: ['ban-alter-domain-with-add-constraint'],
  level: 'warning',
  defaultOn: true,
  statement: (context): readonly LintHit[] => {
    const alter = pick(context.statement.node, 'AlterDomainStmt')
    if (alter === null) return []
    const name = nameFrom(alter.typeName)
    const isNew = context.before.some((statement) => {
      const made = pick(statement.node, 'CreateDomainStmt')
      return made !== null && nameFrom(made.domainname).name === name.name
    })
    if (isNew) return []
    const domain = written(name)
    const effect = `reads every table with a column of domain ${domain}, and stops writes to all of them until it is done`
    if (alter.subtype === 'O')
      return [
        {
          message: `SET NOT NULL ${effect}.`,
          remedy: `ALTER DOMAIN ${domain} ADD CONSTRAINT … CHECK (VALUE IS NOT NULL) NOT VALID, then VALIDATE CONSTRAINT in a later migration.`,
        },
      ]
    const constraint = pick(alter.def, 'Constraint')
    if (alter.subtype !== 'C' || constraint === null || constraint.skip_validation === true) return []
    const end = context.statement.sql.length
    return [
      {
        location: constraint.location ?? 0,
        message: `Adding a constraint ${effect}.`,
        remedy: 'Add it NOT VALID, and run ALTER DOMAIN … VALIDATE CONSTRAINT in a later migration.',
        ...(constraint.contype === 'CONSTR_CHECK' ? { fix: [{ from: end, to: end, insert: ' NOT VALID' }] } : {}),
      },
    ]
  },
}
