import type { LintRule } from '../rule.ts'
import { targetActions } from '../tree/target.ts'

/** The policies stay, and look as if they protected something. */
export const disableRowSecurity: LintRule = {
  id: 'disable-row-security',
  title: 'Row level security switched off',
  squawk: [],
  level: 'error',
  defaultOn: true,
  statement: (context) =>
    targetActions(context, ['AT_DisableRowSecurity', 'AT_NoForceRowSecurity']).map(({ name, command, location }) => ({
      location,
      ...(command.subtype === 'AT_NoForceRowSecurity' ? { level: 'warning' as const } : {}),
      message:
        command.subtype === 'AT_NoForceRowSecurity'
          ? `The owner of ${name} is no longer held by its policies: a service that connects as the owner sees the rows of all tenants.`
          : `Switches row level security of ${name} off: every role with SELECT on it sees all rows, whatever its policies say.`,
      remedy: `Leave it on. For one job that must see all rows, give BYPASSRLS to a role of its own.`,
    })),
}
