import type { LintRule } from '../rule.ts'
import { alterActions, written } from '../tree/pick.ts'

/** Every reader of the column has been promised a value; and it is hard to go back once there is a NULL. */
export const dropNotNull: LintRule = {
  id: 'drop-not-null',
  title: 'DROP NOT NULL',
  squawk: ['ban-drop-not-null'],
  level: 'note',
  defaultOn: true,
  statement: (context) =>
    alterActions(context, ['AT_DropNotNull'])
      .filter(({ table }) => table?.isNew !== true)
      .filter(({ table, command }) => table?.columns?.find((one) => one.name === command.name)?.notNull !== false)
      .map(({ relation, command, location }) => ({
        location,
        message: `Column ${written(command.name ?? '')} of ${written(relation)} may be NULL from now on: code that never met a NULL there can fail, the release that a rollback brings back too.`,
        remedy: 'Deploy code that copes with NULL first; let nothing write NULL before the older release is gone.',
      })),
}
