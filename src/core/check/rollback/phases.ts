/** Which phase of a change a statement belongs to, judged by what running releases can still rely on afterwards. */
import type { AlterTableCmd, DropStmt, Node } from '@pgsql/types'
import type { ParsedStatement } from '../sql.ts'

/**
 * `expand`: adds what old code does not see. `contract`: takes away or forbids what old code may use. `data`: changes
 * rows. `neutral`: neither, such as SET, ANALYZE or VALIDATE.
 */
export type Phase = 'expand' | 'contract' | 'data' | 'neutral'

const CONTRACTING_COMMANDS: ReadonlySet<string> = new Set([
  'AT_DropColumn',
  'AT_SetNotNull',
  'AT_AlterColumnType',
  'AT_AddConstraint',
  'AT_DropConstraint',
  'AT_DropIdentity',
  'AT_DropExpression',
  'AT_EnableRowSecurity',
  'AT_ForceRowSecurity',
  'AT_DetachPartition',
  'AT_AddOf',
])
const NEUTRAL_COMMANDS: ReadonlySet<string> = new Set([
  'AT_ValidateConstraint',
  'AT_SetStatistics',
  'AT_SetOptions',
  'AT_ResetOptions',
  'AT_SetStorage',
  'AT_SetCompression',
  'AT_SetRelOptions',
  'AT_ResetRelOptions',
  'AT_ReplaceRelOptions',
  'AT_ClusterOn',
  'AT_DropCluster',
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_ChangeOwner',
])
const NEUTRAL: ReadonlySet<string> = new Set([
  'VariableSetStmt',
  'VariableShowStmt',
  'TransactionStmt',
  'VacuumStmt',
  'ReindexStmt',
  'ClusterStmt',
  'CommentStmt',
  'CheckPointStmt',
  'LockStmt',
  'SelectStmt',
  'RefreshMatViewStmt',
  'GrantStmt',
  'ExplainStmt',
  'DoStmt',
])
const CONTRACTING: ReadonlySet<string> = new Set(['RenameStmt', 'AlterObjectSchemaStmt', 'TruncateStmt', 'DropdbStmt'])
const DATA: ReadonlySet<string> = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'CopyStmt'])

/** A column that old code does not fill: NOT NULL without a default, a generated value or a serial type. */
function unfilledColumn(node: Node | undefined): boolean {
  if (node === undefined || !('ColumnDef' in node)) return false
  const { constraints = [], typeName } = node.ColumnDef
  const kinds = constraints.map((one) => ('Constraint' in one ? one.Constraint.contype : undefined))
  const last = typeName?.names?.at(-1)
  const type = last && 'String' in last ? (last.String.sval ?? '') : ''
  const required = kinds.some((kind) => kind === 'CONSTR_NOTNULL' || kind === 'CONSTR_PRIMARY')
  const filled = kinds.some((kind) => ['CONSTR_DEFAULT', 'CONSTR_IDENTITY', 'CONSTR_GENERATED'].includes(kind ?? ''))
  return required && !filled && !/serial/.test(type)
}

function phaseOfCommand(command: AlterTableCmd): Phase {
  const kind = command.subtype ?? ''
  if (kind === 'AT_AddColumn') return unfilledColumn(command.def) ? 'contract' : 'expand'
  if (CONTRACTING_COMMANDS.has(kind)) return 'contract'
  if (NEUTRAL_COMMANDS.has(kind)) return 'neutral'
  return 'expand'
}

const ORDER: readonly Phase[] = ['contract', 'data', 'expand', 'neutral']

/** The weightiest phase of several: one contracting command makes the whole statement contracting. */
const weightiest = (phases: readonly Phase[]): Phase => ORDER.find((phase) => phases.includes(phase)) ?? 'neutral'

/** Indexes and statistics are no promise to code; everything else that is dropped is. */
const phaseOfDrop = (drop: DropStmt): Phase =>
  drop.removeType === 'OBJECT_INDEX' || drop.removeType === 'OBJECT_STATISTIC_EXT' ? 'neutral' : 'contract'

/** See `Phase`. What could not be parsed is `neutral`: it is a finding of its own. */
export function phaseOf(statement: ParsedStatement): Phase {
  const { node } = statement
  if (node === null) return 'neutral'
  if ('AlterTableStmt' in node) {
    const commands = node.AlterTableStmt.cmds ?? []
    return weightiest(commands.map((one) => ('AlterTableCmd' in one ? phaseOfCommand(one.AlterTableCmd) : 'neutral')))
  }
  if ('DropStmt' in node) return phaseOfDrop(node.DropStmt)
  const kind = Object.keys(node)[0] ?? ''
  if (CONTRACTING.has(kind)) return 'contract'
  if (DATA.has(kind)) return 'data'
  if (NEUTRAL.has(kind)) return 'neutral'
  return 'expand'
}
