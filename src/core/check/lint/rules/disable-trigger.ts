import type { AlterTableType } from '@pgsql/types'
import type { LintRule, StatementContext } from '../rule.ts'
import { pick, pickAll, written } from '../tree/pick.ts'
import { type TargetAction, targetActions } from '../tree/target.ts'

const DISABLES = ['AT_DisableTrig', 'AT_DisableTrigAll', 'AT_DisableTrigUser'] as const
const ENABLES: readonly (AlterTableType | undefined)[] = [
  'AT_EnableTrig',
  'AT_EnableTrigAll',
  'AT_EnableTrigUser',
  'AT_EnableAlwaysTrig',
]

/** Switched on again further down the file, the same one or all of them. */
function isSwitchedOnAgain(context: StatementContext, { relation, command }: TargetAction): boolean {
  return context.after.some(({ node }) => {
    const alter = pick(node, 'AlterTableStmt')
    if (alter?.relation?.relname !== relation.name) return false
    return pickAll(alter.cmds, 'AlterTableCmd').some(
      (one) => ENABLES.includes(one.subtype) && (one.name === undefined || one.name === command.name),
    )
  })
}

/** What a trigger keeps true, foreign keys included, is not made up for when it is switched on again. */
export const disableTrigger: LintRule = {
  id: 'disable-trigger',
  title: 'DISABLE TRIGGER',
  squawk: [],
  level: 'warning',
  defaultOn: true,
  statement: (context) =>
    targetActions(context, DISABLES).flatMap((action) => {
      const again = isSwitchedOnAgain(context, action)
      const all = action.command.subtype === 'AT_DisableTrigAll'
      // For the length of a transaction nobody else writes: the statement's lock keeps them out.
      if (again && context.transaction !== null && !all) return []
      const which = action.command.name === undefined ? 'the triggers' : `the trigger ${written(action.command.name)}`
      const keys = all ? ' ALL includes those that check foreign keys: rows that point nowhere stay.' : ''
      const until = again ? 'Until it is enabled again, writes' : 'Nothing in this file enables it again: writes'
      return [
        {
          location: action.location,
          message: `Switches off ${which} of ${action.name}. ${until} of everybody are not seen by it, and it does not catch up.${keys}`,
          remedy:
            'Disable the trigger by its name and enable it again in the same transaction: until then the lock makes others wait instead of slipping past.',
        },
      ]
    }),
}
