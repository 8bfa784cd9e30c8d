/**
 * What each action of ALTER TABLE locks and does. Modes: "ALTER TABLE" and "Explicit Locking" of PostgreSQL's
 * documentation, AlterTableGetLockLevel of its source.
 */
import type { Constraint } from '@pgsql/types'
import type { LockMode, Work } from '../../finding.ts'
import type { StatementContext } from '../rule.ts'
import { addColumnWork } from './added-column-work.ts'
import { knownIndexes } from './known-indexes.ts'
import { columnOf, notNullProof } from './not-null.ts'
import { nameOfRelation, pick } from './pick.ts'
import { type ActionKind, existingTarget, type Target, type TargetAction } from './target.ts'
import { typeChange } from './type-change.ts'

/** A lock on a table that was there before, and what is done while it is held. */
export interface TableEffect extends Target {
  readonly lock: LockMode
  readonly work: Work
}

const SHARE_UPDATE: ReadonlySet<ActionKind> = new Set<ActionKind>([
  'AT_SetStatistics',
  'AT_ClusterOn',
  'AT_DropCluster',
  'AT_SetOptions',
  'AT_ResetOptions',
  'AT_SetRelOptions',
  'AT_ResetRelOptions',
  'AT_ReplaceRelOptions',
  'AT_ValidateConstraint',
  'AT_AttachPartition',
  'AT_DetachPartitionFinalize',
])

const SHARE_ROW: ReadonlySet<ActionKind> = new Set<ActionKind>([
  'AT_EnableTrig',
  'AT_EnableAlwaysTrig',
  'AT_EnableReplicaTrig',
  'AT_DisableTrig',
  'AT_EnableTrigAll',
  'AT_DisableTrigAll',
  'AT_EnableTrigUser',
  'AT_DisableTrigUser',
])

const REWRITES: ReadonlySet<ActionKind> = new Set<ActionKind>([
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_SetAccessMethod',
  'AT_SetTableSpace',
])

function lockOf(action: TargetAction): LockMode {
  const kind = action.command.subtype
  if (kind === undefined) return 'AccessExclusive'
  if (SHARE_UPDATE.has(kind)) return 'ShareUpdateExclusive'
  if (SHARE_ROW.has(kind)) return 'ShareRowExclusive'
  const isForeignKey = pick(action.command.def, 'Constraint')?.contype === 'CONSTR_FOREIGN'
  if (kind === 'AT_AddConstraint' && isForeignKey) return 'ShareRowExclusive'
  const isConcurrentDetach = pick(action.command.def, 'PartitionCmd')?.concurrent === true
  if (kind === 'AT_DetachPartition' && isConcurrentDetach) return 'ShareUpdateExclusive'
  return 'AccessExclusive'
}

function constraintWork(context: StatementContext, action: TargetAction, constraint: Constraint): Work {
  const { contype, indexname, skip_validation, is_enforced, keys } = constraint
  if (indexname !== undefined) {
    const columns = context.index(action.table?.schema ?? action.relation.schema, indexname)?.columns ?? []
    const open = columns.some((name) => name !== null && notNullProof(context, action.table, name).kind !== 'already')
    return contype === 'CONSTR_PRIMARY' && open ? 'scan' : 'instant'
  }
  if (contype === 'CONSTR_UNIQUE' || contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_EXCLUSION')
    return 'index-build'
  const isNotEnforced = is_enforced !== true && contype !== 'CONSTR_NOTNULL'
  if (skip_validation === true || isNotEnforced) return 'instant'
  if (contype === 'CONSTR_NOTNULL') {
    const column = pick(keys?.[0], 'String')?.sval ?? ''
    const proof = notNullProof(context, action.table, column)
    return proof.kind === 'already' || proof.kind === 'proven' ? 'instant' : 'scan'
  }
  return contype === 'CONSTR_CHECK' || contype === 'CONSTR_FOREIGN' ? 'scan' : 'instant'
}

function typeWork(action: TargetAction): Work {
  const definition = pick(action.command.def, 'ColumnDef')
  if (definition === null) return 'instant'
  const column = action.command.name ?? ''
  const change = typeChange(column, columnOf(action.table, column)?.type ?? null, definition)
  if (change.table !== 'same') return 'rewrite'
  const isIndexed = knownIndexes(action.table).some((index) => index.columns.includes(column))
  if (change.indexes === 'rebuilt' && isIndexed) return 'index-build'
  const isChecked = (action.table?.constraints ?? []).some(
    (one) => one.kind === 'check' && one.columns.includes(column),
  )
  return isChecked ? 'scan' : 'instant'
}

/** What one action does to the table that it names. */
export function workOf(context: StatementContext, action: TargetAction): Work {
  const { command, table } = action
  const kind = command.subtype
  if (kind === undefined) return 'instant'
  if (REWRITES.has(kind)) return 'rewrite'
  if (kind === 'AT_AddColumn') return addColumnWork(pick(command.def, 'ColumnDef'), context.serverVersion)
  if (kind === 'AT_AlterColumnType') return typeWork(action)
  if (kind === 'AT_ValidateConstraint') return 'scan'
  if (kind === 'AT_SetExpression') return 'rewrite'
  if (kind === 'AT_SetNotNull') {
    const proof = notNullProof(context, table, command.name ?? '')
    return proof.kind === 'already' || proof.kind === 'proven' ? 'instant' : 'scan'
  }
  const constraint = pick(command.def, 'Constraint')
  return kind === 'AT_AddConstraint' && constraint !== null ? constraintWork(context, action, constraint) : 'instant'
}

/** The tables that foreign keys of an action point to: they are locked as well. */
function referencedEffects(context: StatementContext, action: TargetAction): readonly TableEffect[] {
  const column = pick(action.command.def, 'ColumnDef')
  const own = pick(action.command.def, 'Constraint')
  const constraints = [own, ...(column?.constraints ?? []).map((one) => pick(one, 'Constraint'))]
  return constraints.flatMap((constraint): TableEffect[] => {
    if (constraint?.contype !== 'CONSTR_FOREIGN' || constraint.pktable === undefined) return []
    const target = existingTarget(context, nameOfRelation(constraint.pktable))
    return target === null ? [] : [{ ...target, lock: 'ShareRowExclusive', work: 'instant' }]
  })
}

/** The partition that an action attaches or detaches. */
function partitionEffects(context: StatementContext, action: TargetAction): readonly TableEffect[] {
  const partition = pick(action.command.def, 'PartitionCmd')
  const target = existingTarget(context, partition?.name)
  if (partition === null || target === null) return []
  if (action.command.subtype === 'AT_AttachPartition') return [{ ...target, lock: 'AccessExclusive', work: 'scan' }]
  const lock = partition.concurrent === true ? 'ShareUpdateExclusive' : 'AccessExclusive'
  return [{ ...target, lock, work: 'instant' }]
}

/** All that an action locks, its own table first. */
export function effectsOf(context: StatementContext, action: TargetAction): readonly TableEffect[] {
  const { relation, name, table } = action
  const own: TableEffect = { relation, name, table, lock: lockOf(action), work: workOf(context, action) }
  return [own, ...referencedEffects(context, action), ...partitionEffects(context, action)]
}
