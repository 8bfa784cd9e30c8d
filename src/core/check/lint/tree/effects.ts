/** Which tables that were there before a statement locks, and what it does to them meanwhile. */
import type { DropStmt, Node, RangeVar } from '@pgsql/types'
import type { LockMode, Work } from '../../finding.ts'
import type { KnownTable, StatementContext } from '../rule.ts'
import { effectsOf, type TableEffect } from './alter-effects.ts'
import { nameFrom, type ObjectName, pick, pickAll } from './pick.ts'
import { existingTarget, targetActions } from './target.ts'

/** LockStmt.mode is a number. */
const LOCK_MODES: readonly LockMode[] = [
  'AccessShare',
  'AccessShare',
  'RowShare',
  'RowExclusive',
  'ShareUpdateExclusive',
  'Share',
  'ShareRowExclusive',
  'Exclusive',
  'AccessExclusive',
]

const RANK: Readonly<Record<LockMode, number>> = {
  AccessShare: 1,
  RowShare: 2,
  RowExclusive: 3,
  ShareUpdateExclusive: 4,
  Share: 5,
  ShareRowExclusive: 6,
  Exclusive: 7,
  AccessExclusive: 8,
}

/** True when the lock keeps others from writing (`Share` and stronger). */
export const blocksWrites = (lock: LockMode): boolean => RANK[lock] >= RANK.Share

interface Did {
  readonly lock: LockMode
  readonly work: Work
  readonly missingOk?: boolean | undefined
}

function on(context: StatementContext, relation: ObjectName | RangeVar | undefined, did: Did): readonly TableEffect[] {
  const target = existingTarget(context, relation, did.missingOk)
  return target === null ? [] : [{ ...target, lock: did.lock, work: did.work }]
}

/** The table of an index, as far as it is known. */
export function tableOfIndex(context: StatementContext, index: ObjectName): KnownTable | null {
  const known = context.index(index.schema, index.name)
  return known === null ? null : context.table(known.schema, known.table)
}

function onTableOfIndex(context: StatementContext, index: ObjectName, did: Did): readonly TableEffect[] {
  const known = context.index(index.schema, index.name)
  if (known === null || known.isNew) return []
  return on(context, { schema: known.schema === 'public' ? null : known.schema, name: known.table }, did)
}

const hasOption = (options: readonly Node[] | undefined, name: string) =>
  pickAll(options, 'DefElem').some((option) => {
    const value = pick(option.arg, 'String')?.sval?.toLowerCase()
    return option.defname === name && value !== 'false' && value !== 'off' && pick(option.arg, 'Integer')?.ival !== 0
  })

/** True where the options hold CONCURRENTLY, as those of REINDEX do. */
export const isConcurrently = (options: readonly Node[] | undefined): boolean => hasOption(options, 'concurrently')
/** True where the options hold FULL, as those of VACUUM do. */
export const isFull = (options: readonly Node[] | undefined): boolean => hasOption(options, 'full')

function dropEffects(context: StatementContext, drop: DropStmt): readonly TableEffect[] {
  const lock = drop.concurrent === true ? 'ShareUpdateExclusive' : 'AccessExclusive'
  const did: Did = { lock, work: 'instant', missingOk: drop.missing_ok }
  return (drop.objects ?? []).flatMap((object) => {
    const name = nameFrom(pick(object, 'List')?.items)
    if (drop.removeType === 'OBJECT_INDEX') return onTableOfIndex(context, name, did)
    if (drop.removeType === 'OBJECT_TABLE' || drop.removeType === 'OBJECT_MATVIEW') return on(context, name, did)
    if (drop.removeType !== 'OBJECT_TRIGGER' && drop.removeType !== 'OBJECT_POLICY') return []
    // schema.table.trigger: what stands before the last part is the table.
    const parts = pick(object, 'List')?.items ?? []
    return on(context, nameFrom(parts.slice(0, -1)), did)
  })
}

/** Foreign keys of a new table lock what they point to; a new partition locks its parent. */
function createTableEffects(context: StatementContext, node: Node): readonly TableEffect[] {
  const create = pick(node, 'CreateStmt')
  if (create === null) return []
  const columns = pickAll(create.tableElts, 'ColumnDef').flatMap((column) => pickAll(column.constraints, 'Constraint'))
  const references = [...pickAll(create.tableElts, 'Constraint'), ...columns].flatMap((one) => one.pktable ?? [])
  const parents = create.partbound === undefined ? [] : pickAll(create.inhRelations, 'RangeVar')
  return [
    ...references.flatMap((table) => on(context, table, { lock: 'ShareRowExclusive', work: 'instant' })),
    ...parents.flatMap((table) => on(context, table, { lock: 'AccessExclusive', work: 'instant' })),
  ]
}

type EffectsOf = (context: StatementContext, node: Node) => readonly TableEffect[]

const instant = (lock: LockMode): Did => ({ lock, work: 'instant' })

/** Kinds of objects whose renaming or moving locks the table that the statement names. */
const TABLE_PARTS = new Set([
  'OBJECT_TABLE',
  'OBJECT_COLUMN',
  'OBJECT_TABCONSTRAINT',
  'OBJECT_TRIGGER',
  'OBJECT_POLICY',
])

/** One entry a kind of statement. */
const BY_KIND: Readonly<Record<string, EffectsOf>> = {
  AlterTableStmt: (context) => targetActions(context).flatMap((action) => effectsOf(context, action)),
  IndexStmt: (context, node) => {
    const index = pick(node, 'IndexStmt')
    const lock = index?.concurrent === true ? 'ShareUpdateExclusive' : 'Share'
    return on(context, index?.relation, { lock, work: 'index-build' })
  },
  DropStmt: (context, node) => {
    const drop = pick(node, 'DropStmt')
    return drop === null ? [] : dropEffects(context, drop)
  },
  ReindexStmt: (context, node) => {
    const reindex = pick(node, 'ReindexStmt')
    const lock = isConcurrently(reindex?.params) ? 'ShareUpdateExclusive' : 'Share'
    const did: Did = { lock, work: 'index-build' }
    if (reindex?.kind !== 'REINDEX_OBJECT_INDEX') return on(context, reindex?.relation, did)
    const { schemaname = null, relname = '' } = reindex.relation ?? {}
    return onTableOfIndex(context, { schema: schemaname, name: relname }, did)
  },
  VacuumStmt: (context, node) => {
    const vacuum = pick(node, 'VacuumStmt')
    if (!isFull(vacuum?.options)) return []
    const tables = pickAll(vacuum?.rels, 'VacuumRelation').map((one) => one.relation)
    return tables.flatMap((table) => on(context, table, { lock: 'AccessExclusive', work: 'rewrite' }))
  },
  ClusterStmt: (context, node) =>
    on(context, pick(node, 'ClusterStmt')?.relation, { lock: 'AccessExclusive', work: 'rewrite' }),
  TruncateStmt: (context, node) =>
    pickAll(pick(node, 'TruncateStmt')?.relations, 'RangeVar').flatMap((table) =>
      on(context, table, instant('AccessExclusive')),
    ),
  LockStmt: (context, node) => {
    const lock = pick(node, 'LockStmt')
    const mode = LOCK_MODES[lock?.mode ?? 0] ?? 'AccessExclusive'
    return pickAll(lock?.relations, 'RangeVar').flatMap((table) => on(context, table, instant(mode)))
  },
  RenameStmt: (context, node) => {
    const rename = pick(node, 'RenameStmt')
    if (!TABLE_PARTS.has(rename?.renameType ?? '')) return []
    return on(context, rename?.relation, { ...instant('AccessExclusive'), missingOk: rename?.missing_ok })
  },
  AlterObjectSchemaStmt: (context, node) => {
    const move = pick(node, 'AlterObjectSchemaStmt')
    if (move?.objectType !== 'OBJECT_TABLE') return []
    return on(context, move.relation, { ...instant('AccessExclusive'), missingOk: move.missing_ok })
  },
  CreateTrigStmt: (context, node) => on(context, pick(node, 'CreateTrigStmt')?.relation, instant('ShareRowExclusive')),
  CreatePolicyStmt: (context, node) => on(context, pick(node, 'CreatePolicyStmt')?.table, instant('AccessExclusive')),
  AlterPolicyStmt: (context, node) => on(context, pick(node, 'AlterPolicyStmt')?.table, instant('AccessExclusive')),
  RuleStmt: (context, node) => on(context, pick(node, 'RuleStmt')?.relation, instant('AccessExclusive')),
  RefreshMatViewStmt: (context, node) => {
    const refresh = pick(node, 'RefreshMatViewStmt')
    const lock = refresh?.concurrent === true ? 'Exclusive' : 'AccessExclusive'
    return on(context, refresh?.relation, { lock, work: 'rewrite' })
  },
  CreateStmt: createTableEffects,
  UpdateStmt: (context, node) =>
    on(context, pick(node, 'UpdateStmt')?.relation, { lock: 'RowExclusive', work: 'scan' }),
  DeleteStmt: (context, node) =>
    on(context, pick(node, 'DeleteStmt')?.relation, { lock: 'RowExclusive', work: 'scan' }),
}

/** See the head of this file; empty for statements that lock nothing that was there, and for those that are not known. */
export function tableEffects(context: StatementContext): readonly TableEffect[] {
  const { node } = context.statement
  if (node === null) return []
  const kind = Object.keys(node)[0] ?? ''
  return BY_KIND[kind]?.(context, node) ?? []
}

/**
 * The same for an earlier statement. What is known now is known after it: what it may have changed itself (types, NOT NULL,
 * constraints) is left out, so that its work is rather over- than underestimated.
 */
export function tableEffectsOf(
  context: StatementContext,
  statement: StatementContext['statement'],
): readonly TableEffect[] {
  // Most of what a long file holds has no effect; that must cost nothing, since each statement looks back at hundreds.
  if (BY_KIND[Object.keys(statement.node ?? {})[0] ?? ''] === undefined) return []
  const table: StatementContext['table'] = (schema, name) => {
    const known = context.table(schema, name)
    return known === null ? null : { ...known, columns: null, constraints: [] }
  }
  // Not spread: that would make the copies of the file's statements that the context makes only when asked.
  const earlier: StatementContext = Object.create(context, { statement: { value: statement }, table: { value: table } })
  return tableEffects(earlier)
}
