import type { LintRule } from '../rule.ts'
import { nameFrom, pick, pickAll, written } from '../tree/pick.ts'

/** A domain's constraint is changed for all columns at once, or not at all. */
export const domainWithConstraint: LintRule = {
  id: 'domain-with-constraint',
  title: 'CREATE DOMAIN with a constraint',
  squawk: ['ban-create-domain-with-constraint'],
  level: 'note',
  // It harms nobody on the day that it is created.
  defaultOn: false,
  statement: (context) => {
    const create = pick(context.statement.node, 'CreateDomainStmt')
    const constraint = pickAll(create?.constraints, 'Constraint').find(
      (one) => one.contype === 'CONSTR_CHECK' || one.contype === 'CONSTR_NOTNULL',
    )
    if (create === null || constraint === undefined) return []
    return [
      {
        location: constraint.location ?? 0,
        message: `Domain ${written(nameFrom(create.domainname))} carries a constraint: to change it later, PostgreSQL reads every table that uses the domain, in one go.`,
        remedy: 'Put the CHECK on the columns of the tables, where each can be added NOT VALID and validated alone.',
      },
    ]
  },
}
