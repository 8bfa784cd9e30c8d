import type { LintRule } from '../rule.ts'
import { pick } from '../tree/pick.ts'
import { targetActions } from '../tree/target.ts'

/** With row level security and no policy, everybody but the owner sees nothing, without an error. */
export const rowSecurityWithoutPolicy: LintRule = {
  id: 'row-security-without-policy',
  title: 'Row level security switched on without a policy',
  squawk: [],
  level: 'warning',
  defaultOn: true,
  statement: (context) => {
    const hasPolicy = (name: string) =>
      [...context.before, ...context.after, ...(context.later ?? [])].some(
        ({ node }) => pick(node, 'CreatePolicyStmt')?.table?.relname === name,
      )
    return targetActions(context, ['AT_EnableRowSecurity'])
      .filter(({ relation }) => !hasPolicy(relation.name))
      .map(({ name, location }) => ({
        location,
        message: `Switches row level security of ${name} on, and this change gives it no policy: without one, every role but the owner finds no rows and can write none, and gets no error for it when reading.`,
        remedy: 'CREATE POLICY in the same transaction, before ENABLE ROW LEVEL SECURITY.',
      }))
  },
}
