import type { GrantStmt } from '@pgsql/types'
import type { LintRule, StatementContext } from '../rule.ts'
import { pick, pickAll } from '../tree/pick.ts'

/** What everybody has anyway, unless somebody took it away: then giving it back is a decision that is seen elsewhere. */
const BY_DEFAULT: Readonly<Record<string, readonly string[]>> = {
  OBJECT_FUNCTION: ['execute'],
  OBJECT_ROUTINE: ['execute'],
  OBJECT_PROCEDURE: ['execute'],
  OBJECT_TYPE: ['usage'],
  OBJECT_DOMAIN: ['usage'],
  OBJECT_LANGUAGE: ['usage'],
  OBJECT_DATABASE: ['connect', 'temporary', 'temp'],
}

function grantOf(context: StatementContext): GrantStmt | null {
  const { node } = context.statement
  return pick(node, 'GrantStmt') ?? pick(node, 'AlterDefaultPrivilegesStmt')?.action ?? null
}

/** PUBLIC is every role of the database, also those that are created next year. */
export const grantToPublic: LintRule = {
  id: 'grant-to-public',
  title: 'GRANT … TO PUBLIC',
  squawk: [],
  level: 'warning',
  defaultOn: true,
  statement: (context) => {
    const grant = grantOf(context)
    if (grant?.is_grant !== true) return []
    const everybody = pickAll(grant.grantees, 'RoleSpec').find((role) => role.roletype === 'ROLESPEC_PUBLIC')
    if (everybody === undefined) return []
    const privileges = pickAll(grant.privileges, 'AccessPriv').map((one) => one.priv_name ?? '')
    const usual = BY_DEFAULT[grant.objtype ?? ''] ?? []
    if (privileges.length > 0 && privileges.every((one) => usual.includes(one))) return []
    // USAGE of a schema shows names only; CREATE in it lets everybody put functions in other people's way.
    if (grant.objtype === 'OBJECT_SCHEMA' && privileges.length > 0 && privileges.every((one) => one === 'usage'))
      return []
    const what = privileges.length === 0 ? 'ALL' : privileges.join(', ').toUpperCase()
    return [
      {
        location: everybody.location ?? 0,
        message: `Grants ${what} to PUBLIC: to every role of this database, those of later and of other services too.`,
        remedy: 'Grant it to the roles that need it, by name.',
      },
    ]
  },
}
