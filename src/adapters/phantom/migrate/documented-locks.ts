/**
 * Locks by PostgreSQL's documentation ("Explicit Locking" and each command's page), for what pg_locks cannot show:
 * commands that let go of their locks before one can look, and locks that the transaction held already.
 */
import type { AlterTableCmd, Node } from '@pgsql/types'
import type { LockMode } from '../../../core/check/finding.ts'
import { isStronger, LOCK_STRENGTH } from './inventory.ts'
import { hasOption } from './tree.ts'

const SHARE_UPDATE_EXCLUSIVE = new Set([
  'AT_ValidateConstraint',
  'AT_SetStatistics',
  'AT_SetOptions',
  'AT_ResetOptions',
  'AT_SetRelOptions',
  'AT_ResetRelOptions',
  'AT_ClusterOn',
  'AT_DropCluster',
  'AT_AttachPartition',
])
const SHARE_ROW_EXCLUSIVE = new Set([
  'AT_EnableTrig',
  'AT_EnableAlwaysTrig',
  'AT_EnableReplicaTrig',
  'AT_EnableTrigAll',
  'AT_EnableTrigUser',
  'AT_DisableTrig',
  'AT_DisableTrigAll',
  'AT_DisableTrigUser',
])

function ofCommand(command: AlterTableCmd): LockMode {
  const subtype = command.subtype ?? ''
  if (SHARE_UPDATE_EXCLUSIVE.has(subtype)) return 'ShareUpdateExclusive'
  if (SHARE_ROW_EXCLUSIVE.has(subtype)) return 'ShareRowExclusive'
  const { def } = command
  if (subtype === 'AT_AddConstraint' && def !== undefined && 'Constraint' in def)
    return def.Constraint.contype === 'CONSTR_FOREIGN' ? 'ShareRowExclusive' : 'AccessExclusive'
  if (subtype === 'AT_DetachPartition' && def !== undefined && 'PartitionCmd' in def)
    return def.PartitionCmd.concurrent === true ? 'ShareUpdateExclusive' : 'AccessExclusive'
  return 'AccessExclusive'
}

function ofAlterTable(commands: readonly Node[]): LockMode {
  const modes = commands.flatMap((one) => ('AlterTableCmd' in one ? [ofCommand(one.AlterTableCmd)] : []))
  return modes.reduce((best, mode) => (isStronger(mode, best) ? mode : best), 'AccessShare')
}

/** The lock that a statement takes on the table that it is about. */
export function documentedLock(node: Node): LockMode {
  if ('AlterTableStmt' in node) return ofAlterTable(node.AlterTableStmt.cmds ?? [])
  if ('SelectStmt' in node) return node.SelectStmt.lockingClause === undefined ? 'AccessShare' : 'RowShare'
  if ('InsertStmt' in node || 'UpdateStmt' in node || 'DeleteStmt' in node || 'MergeStmt' in node) return 'RowExclusive'
  if ('IndexStmt' in node) return node.IndexStmt.concurrent === true ? 'ShareUpdateExclusive' : 'Share'
  if ('DropStmt' in node) return node.DropStmt.concurrent === true ? 'ShareUpdateExclusive' : 'AccessExclusive'
  if ('ReindexStmt' in node)
    return hasOption(node.ReindexStmt.params, 'concurrently') ? 'ShareUpdateExclusive' : 'Share'
  if ('VacuumStmt' in node)
    return hasOption(node.VacuumStmt.options, 'full') ? 'AccessExclusive' : 'ShareUpdateExclusive'
  if ('CreateTrigStmt' in node) return 'ShareRowExclusive'
  if ('CreateStatsStmt' in node || 'CommentStmt' in node) return 'ShareUpdateExclusive'
  if ('RefreshMatViewStmt' in node) return node.RefreshMatViewStmt.concurrent === true ? 'Exclusive' : 'AccessExclusive'
  if ('LockStmt' in node) return LOCK_STRENGTH[(node.LockStmt.mode ?? 8) - 1] ?? 'AccessExclusive'
  return 'AccessExclusive'
}
