import type { KnownTable, LintHit, LintRule, StatementContext } from '../rule.ts'
import { notNullProof } from '../tree/not-null.ts'
import { pick, written } from '../tree/pick.ts'
import { addedConstraints, type Target, targetActions } from '../tree/target.ts'

/** NOT NULL … NOT VALID exists from 18 on. */
const NOT_VALID_SINCE = 180000
const CHECK_PROVES_SINCE = 120000

function remedyFor(context: StatementContext, table: string, column: string): string {
  const { serverVersion } = context
  if (serverVersion !== null && serverVersion >= NOT_VALID_SINCE)
    return `ALTER TABLE ${table} ADD CONSTRAINT … NOT NULL ${column} NOT VALID; then VALIDATE CONSTRAINT in a transaction of its own.`
  if (serverVersion !== null && serverVersion < CHECK_PROVES_SINCE)
    return `Before PostgreSQL 12 only a CHECK (${column} IS NOT NULL) NOT VALID, validated later, avoids the scan: keep that instead of NOT NULL.`
  return `ALTER TABLE ${table} ADD CONSTRAINT … CHECK (${column} IS NOT NULL) NOT VALID; VALIDATE CONSTRAINT in a transaction of its own; then SET NOT NULL is instant, and the CHECK can be dropped.`
}

interface Setting extends Target {
  readonly column: string
  readonly location: number
}

function hitOf(context: StatementContext, setting: Setting): readonly LintHit[] {
  const { table, name, location } = setting
  const column = written(setting.column)
  const proof = notNullProof(context, table, setting.column)
  if (proof.kind === 'already' || proof.kind === 'proven') return []
  const unproven = proof.kind === 'unproven'
  const why = unproven ? `: constraint ${written(proof.constraint)} is not validated yet` : ''
  return [
    {
      location,
      message: `SET NOT NULL on ${column} of ${name} reads every row to look for NULL${why}.`,
      remedy: unproven
        ? `Run ALTER TABLE ${name} VALIDATE CONSTRAINT ${written(proof.constraint)} first, in a transaction of its own.`
        : remedyFor(context, name, column),
      table: table satisfies KnownTable | null,
      lock: 'AccessExclusive',
      work: 'scan',
    },
  ]
}

/** PostgreSQL reads the whole table under the strongest lock, unless a validated constraint has told it the answer. */
export const setNotNullScansTable: LintRule = {
  id: 'set-not-null-scans-table',
  title: 'SET NOT NULL that reads the whole table',
  squawk: ['adding-not-nullable-field'],
  level: 'error',
  defaultOn: true,
  statement: (context) => [
    ...targetActions(context, ['AT_SetNotNull']).flatMap((action) =>
      hitOf(context, { ...action, column: action.command.name ?? '' }),
    ),
    ...addedConstraints(context).flatMap((added) => {
      const { contype, skip_validation, keys } = added.constraint
      if (contype !== 'CONSTR_NOTNULL' || skip_validation === true || added.column !== null) return []
      return hitOf(context, { ...added, column: pick(keys?.[0], 'String')?.sval ?? '' })
    }),
  ],
}
