/** Sentences that several rules say alike. */
import type { MigrationFormat } from '../../sql.ts'
import type { StatementContext } from '../rule.ts'

/** True when the statement cannot be one that runs by itself: in a transaction, or in the body of a DO block. */
export function runsInTransaction(context: StatementContext): boolean {
  return context.transaction !== null || context.statement.origin === 'do-block'
}

const WITHOUT_TRANSACTION: Partial<Readonly<Record<MigrationFormat, string>>> = {
  dbmate: 'in a file of its own that begins with `-- migrate:up transaction:false`',
  goose: 'in a file of its own with `-- +goose NO TRANSACTION`',
  flyway: 'in a file of its own, with `executeInTransaction=false` in its .conf file',
  sqitch: 'in a script of its own without BEGIN and COMMIT',
}

/** Where a statement must stand to run outside a transaction, as the tool has it. */
export function outsideTransaction(context: StatementContext): string {
  return WITHOUT_TRANSACTION[context.file.format] ?? 'in a file of its own that runs outside a transaction'
}

/** Says so when the old place of a statement will not do. */
export function orMoved(context: StatementContext): string {
  return runsInTransaction(context) ? `, ${outsideTransaction(context)}` : ''
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}
