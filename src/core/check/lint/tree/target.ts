/** What a statement is done to, when that was there before the change: the tables whose users would notice. */
import type { AlterTableCmd, ColumnDef, Constraint, RangeVar } from '@pgsql/types'
import type { KnownTable, StatementContext } from '../rule.ts'
import {
  type AlterAction,
  alterActions,
  nameOfRelation,
  type ObjectName,
  pick,
  pickAll,
  surelyAbsent,
  written,
} from './pick.ts'

/** A table that may hold rows and have users. */
export interface Target {
  /** As the statement names it. */
  readonly relation: ObjectName
  /** For messages: quoted where SQL needs it. */
  readonly name: string
  /** Null when nothing is known of it: without a snapshot, most tables. */
  readonly table: KnownTable | null
}

/** Null when the change itself created the table before, or when it is known not to be there. */
export function existingTarget(
  context: StatementContext,
  relation: ObjectName | RangeVar | null | undefined,
  missingOk?: boolean,
): Target | null {
  if (relation === null || relation === undefined) return null
  const name = 'name' in relation ? relation : nameOfRelation(relation)
  if (name.name === '') return null
  const table = context.table(name.schema, name.name)
  if (table?.isNew === true || surelyAbsent(context, table, missingOk)) return null
  return { relation: name, name: written(name), table }
}

/** One action of an ALTER TABLE on a table that was there before. */
export interface TargetAction extends Target {
  readonly command: AlterTableCmd
  /** Offset of the action's first word in the statement. */
  readonly location: number
}

/** An action of ALTER TABLE, as the parser calls it: `AT_AddColumn`. */
export type ActionKind = NonNullable<AlterTableCmd['subtype']>

const isMissingOk = (context: StatementContext) => pick(context.statement.node, 'AlterTableStmt')?.missing_ok === true

function onTarget(context: StatementContext, action: AlterAction): readonly TargetAction[] {
  const target = existingTarget(context, action.relation, isMissingOk(context))
  return target === null ? [] : [{ ...target, command: action.command, location: action.location }]
}

/** The actions of an ALTER TABLE on a table that was there before: those of the given kinds, or all. */
export function targetActions(context: StatementContext, kinds?: readonly ActionKind[]): readonly TargetAction[] {
  const commands = pickAll(pick(context.statement.node, 'AlterTableStmt')?.cmds, 'AlterTableCmd')
  return alterActions(context, kinds ?? commands.flatMap(({ subtype }) => subtype ?? [])).flatMap((action) =>
    onTarget(context, action),
  )
}

/** ADD COLUMN on a table that was there before. */
export interface AddedColumn extends TargetAction {
  readonly column: ColumnDef
  readonly columnName: string
  readonly constraints: readonly Constraint[]
}

/** Left out: `ADD COLUMN IF NOT EXISTS` of a column that is known to be there, which does nothing. */
export function addedColumns(context: StatementContext): readonly AddedColumn[] {
  return targetActions(context, ['AT_AddColumn']).flatMap((action) => {
    const column = pick(action.command.def, 'ColumnDef')
    if (column === null) return []
    const columnName = column.colname ?? ''
    const isThere = action.table?.columns?.some((one) => one.name === columnName) === true
    if (action.command.missing_ok === true && isThere) return []
    return [{ ...action, column, columnName, constraints: pickAll(column.constraints, 'Constraint') }]
  })
}

/** A constraint that is added to a table that was there before, by itself or behind a new column. */
export interface AddedConstraint extends TargetAction {
  readonly constraint: Constraint
  /** The new column that it stands behind; null when it is added by itself. */
  readonly column: AddedColumn | null
}

/** Constraints that the statement adds to a table that was there before. */
export function addedConstraints(context: StatementContext): readonly AddedConstraint[] {
  const alone = targetActions(context, ['AT_AddConstraint']).flatMap((action) => {
    const constraint = pick(action.command.def, 'Constraint')
    return constraint === null ? [] : [{ ...action, constraint, column: null }]
  })
  const behind = addedColumns(context).flatMap((column) =>
    column.constraints.map((constraint) => ({
      relation: column.relation,
      name: column.name,
      table: column.table,
      command: column.command,
      location: constraint.location ?? column.location,
      constraint,
      column,
    })),
  )
  return [...alone, ...behind].sort((left, right) => left.location - right.location)
}
