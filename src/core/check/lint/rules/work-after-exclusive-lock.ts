import type { ParsedStatement } from '../../sql.ts'
import type { LintHit, LintRule, StatementContext } from '../rule.ts'
import type { TableEffect } from '../tree/alter-effects.ts'
import { blocksWrites, tableEffects, tableEffectsOf } from '../tree/effects.ts'
import { earlierInTransaction } from '../tree/in-transaction.ts'
import { pick } from '../tree/pick.ts'
import { existingTarget } from '../tree/target.ts'

interface Held {
  readonly effect: TableEffect
  readonly line: number
  /** Place among the statements of the transaction. */
  readonly at: number
}

/** Looked at first, as a file can have thousands: what takes weaker locks only. */
function isLighter({ node }: ParsedStatement): boolean {
  if (node === null || 'IndexStmt' in node || 'UpdateStmt' in node || 'DeleteStmt' in node) return true
  return 'CreateStmt' in node && node.CreateStmt.partbound === undefined
}

function firstHeld(context: StatementContext, earlier: readonly ParsedStatement[]): Held | null {
  for (const [at, statement] of earlier.entries()) {
    if (isLighter(statement)) continue
    const effect = tableEffectsOf(context, statement).find(({ lock }) => lock === 'AccessExclusive')
    if (effect !== undefined) return { effect, line: statement.line, at }
  }
  return null
}

/** Changing the rows of a table that is in use has a rule of its own: backfill-with-schema-change. */
function isBackfill(context: StatementContext, { node }: ParsedStatement): boolean {
  const insert = pick(node, 'InsertStmt')
  if (insert !== null) return existingTarget(context, insert.relation) !== null
  return pick(node, 'UpdateStmt') !== null || pick(node, 'DeleteStmt') !== null
}

/** Takes time that grows with a table, or may wait for a lock on a second one. */
type Kind = 'works' | 'waits' | null

function kindOf(context: StatementContext, statement: ParsedStatement, held: TableEffect): Kind {
  if (isBackfill(context, statement)) return null
  const effects = tableEffectsOf(context, statement)
  const copies = pick(pick(statement.node, 'InsertStmt')?.selectStmt, 'SelectStmt')?.fromClause !== undefined
  if (copies || effects.some(({ work }) => work !== 'instant')) return 'works'
  return effects.some(({ lock, name }) => blocksWrites(lock) && name !== held.name) ? 'waits' : null
}

function hitOf(held: Held, effects: readonly TableEffect[], kind: 'works' | 'waits'): LintHit {
  const { name } = held.effect
  const since = `${name} cannot be read or written since line ${held.line} locked it, until the transaction ends`
  const same = effects.find((effect) => effect.name === name && effect.work !== 'instant')
  const other = effects.find((effect) => effect.name !== name)
  const what =
    kind === 'waits'
      ? `this may wait for its own lock on ${other?.name ?? 'another table'} meanwhile; two such migrations can deadlock`
      : 'this takes time that grows with the data'
  return {
    level: kind === 'waits' ? 'note' : 'warning',
    message: `${since}: ${what}.`,
    remedy: 'Put it into a migration of its own, or before the statement that takes the lock.',
    ...(same === undefined ? {} : { table: same.table, lock: 'AccessExclusive', work: same.work }),
  }
}

/** A lock is held until the transaction ends: each statement more makes the wait longer. Said once a transaction. */
export const workAfterExclusiveLock: LintRule = {
  id: 'work-after-exclusive-lock',
  title: 'More work in a transaction that has locked a table',
  squawk: [],
  level: 'warning',
  defaultOn: true,
  statement: (context) => {
    const effects = tableEffects(context)
    const { statement } = context
    if (effects.length === 0 && pick(statement.node, 'InsertStmt') === null) return []
    const earlier = earlierInTransaction(context)
    const held = firstHeld(context, earlier)
    if (held === null) return []
    const kind = kindOf(context, statement, held.effect)
    const said = earlier.slice(held.at + 1).some((one) => kindOf(context, one, held.effect) === kind)
    return kind === null || said ? [] : [hitOf(held, effects, kind)]
  },
}
