/** From what PostgreSQL said and what changed in the catalog to the work that a statement does at production's size. */
import { estimateChange, estimateDuration } from '../../../core/check/duration.ts'
import type { Work } from '../../../core/check/finding.ts'
import type { AppliedStatement } from '../../../core/check/plans.ts'
import type { ParsedStatement } from '../../../core/check/sql.ts'
import { shareOfRows } from '../../../core/check/variants/selectivity.ts'
import type { Difference, Inventory, Relation } from './inventory.ts'
import { hasOption, kindOf, relationsIn } from './tree.ts'

const PAGE_BYTES = 8192
/** From this share of a table on, a change of rows is a change of the table. */
const MOST_OF_A_TABLE = 0.05
const TABLE_KINDS = new Set(['r', 'p', 'm'])

/** One statement that ran. */
export interface Ran {
  readonly statement: ParsedStatement
  readonly messages: readonly string[]
  readonly difference: Difference
}

type Effect = Pick<AppliedStatement, 'work' | 'workOn' | 'estimate'>
interface Done {
  readonly work: Work
  readonly tables: readonly Relation[]
}

const INSTANT: Effect = { work: 'instant', workOn: null, estimate: estimateDuration('instant', nothing()) }

function nothing() {
  return { rows: 0, tableBytes: 0, indexBytes: 0 }
}

/** A relation by its name as PostgreSQL's messages give it: without schema, so those that are locked come first. */
function named(name: string, ran: Ran, inventory: Inventory): Relation | null {
  const all = [...inventory.all()].filter(({ relname }) => relname === name)
  return all.find(({ oid }) => inventory.heldOn(oid) !== null) ?? all[0] ?? ran.difference.dropped[0] ?? null
}

function tablesSaid(pattern: RegExp, ran: Ran, inventory: Inventory): readonly Relation[] {
  const names = new Set(ran.messages.flatMap((message) => pattern.exec(message)?.[1] ?? []))
  return [...names].flatMap((name) => named(name, ran, inventory) ?? [])
}

/** The table that the statement names first. */
export function subjectOf(ran: Pick<Ran, 'statement'>, inventory: Inventory): Relation | null {
  for (const { schema, name } of relationsIn(ran.statement.node)) {
    const all = [...inventory.all()].filter((one) => one.relname === name && (schema === null || one.schema === schema))
    const found = all.find((one) => one.schema === 'public') ?? all[0]
    if (found !== undefined) return found.table === null ? found : inventory.get(found.table)
  }
  return null
}

const withSubject = (tables: readonly Relation[], subject: Relation | null): readonly Relation[] =>
  tables.length > 0 || subject === null ? tables : [subject]

function vacuumed(ran: Ran, inventory: Inventory): Done | null {
  const { node } = ran.statement
  if (node === null || !('VacuumStmt' in node)) return null
  const { options, is_vacuumcmd: vacuum, rels } = node.VacuumStmt
  const subject = subjectOf(ran, inventory)
  const tables =
    (rels ?? []).length > 0 && subject !== null ? [subject] : [...inventory.all()].filter(({ kind }) => kind === 'r')
  if (hasOption(options, 'full')) return { work: 'rewrite', tables }
  return vacuum === true ? { work: 'scan', tables } : null
}

function workDone(ran: Ran, inventory: Inventory): Done | null {
  const kind = kindOf(ran.statement.node)
  const subject = subjectOf(ran, inventory)
  if (kind === 'TruncateStmt') return null
  const vacuum = vacuumed(ran, inventory)
  if (vacuum !== null) return vacuum
  const tables = ran.difference.rewritten.filter((one) => TABLE_KINDS.has(one.kind))
  const rewriting = [...tables, ...tablesSaid(/^rewriting table "(.*)"$/, ran, inventory)]
  if (rewriting.length > 0) return { work: 'rewrite', tables: unique(rewriting) }
  const built = tablesSaid(/^building index ".*" on table "(.*)" (?:serially|with request)/, ran, inventory)
  if (built.length > 0) return { work: 'index-build', tables: built }
  const verified = tablesSaid(/^verifying table "(.*)"$/, ran, inventory)
  const foreign = ran.messages.some((message) => message.startsWith('validating foreign key constraint'))
  if (verified.length > 0 || foreign) return { work: 'scan', tables: withSubject(verified, subject) }
  if (kind === 'AlterDomainStmt') {
    const read = [...ran.difference.locks].flatMap(([oid, mode]) => (mode === 'Share' ? [inventory.get(oid)] : []))
    const found = read.filter((relation) => relation !== null)
    return found.length === 0 ? null : { work: 'scan', tables: found }
  }
  if (kind === 'CreateTableAsStmt') {
    const sources = [...ran.difference.locks.keys()].flatMap((oid) => inventory.get(oid) ?? [])
    const read = sources.filter((one) => TABLE_KINDS.has(one.kind) && inventory.sizeOf(one.oid) !== null)
    return read.length === 0 ? null : { work: 'scan', tables: read }
  }
  return null
}

const unique = (relations: readonly Relation[]): readonly Relation[] => [
  ...new Map(relations.map((relation) => [relation.oid, relation])).values(),
]

/** A partitioned table is as large as its partitions. */
function leaves(table: Relation, inventory: Inventory): readonly Relation[] {
  const children = [...inventory.all()].filter(({ parent, table: of }) => parent === table.oid && of === null)
  return children.length === 0 ? [table] : [table, ...children.flatMap((child) => leaves(child, inventory))]
}

function sizeOf(tables: readonly Relation[], inventory: Inventory) {
  let [rows, tableBytes, indexBytes, known] = [0, 0, 0, 0]
  const all = new Set(tables.flatMap((table) => leaves(table, inventory)).map(({ oid }) => oid))
  for (const oid of all) {
    const size = inventory.sizeOf(oid)
    if (size === null || size.kind === 'p') continue
    known += 1
    rows += Math.max(0, size.reltuples)
    tableBytes += size.pages * PAGE_BYTES
  }
  for (const { oid, table } of inventory.all())
    if (table !== null && all.has(table)) indexBytes += (inventory.sizeOf(oid)?.pages ?? 0) * PAGE_BYTES
  return { rows, tableBytes, indexBytes, known: known > 0 }
}

/** The largest one: that is what people know the work by; of partitions, as they were, the parent that is named. */
function nameOf(tables: readonly Relation[], ran: Ran, inventory: Inventory): string | null {
  const subject = subjectOf(ran, inventory)
  if (
    subject !== null &&
    tables.some((table) => lineage(ran.difference.before.get(table.oid) ?? table, inventory).includes(subject.oid))
  )
    return subject.name
  const bySize = tables.toSorted((a, b) => sizeOf([b], inventory).tableBytes - sizeOf([a], inventory).tableBytes)
  return bySize[0]?.name ?? null
}

function lineage(table: Relation, inventory: Inventory): readonly number[] {
  const line = [table.oid]
  for (let next = table.parent; next !== null && !line.includes(next); next = inventory.get(next)?.parent ?? null)
    line.push(next)
  return line
}

/** UPDATE, DELETE, MERGE, INSERT … SELECT: no lock of the table that hurts, and still work that grows with it. */
function rowsChanged(ran: Ran, inventory: Inventory): Effect | null {
  const { node } = ran.statement
  if (node === null) return null
  const subject = subjectOf(ran, inventory)
  if (subject === null) return null
  const inserted = 'InsertStmt' in node && node.InsertStmt.selectStmt !== undefined
  const where =
    'UpdateStmt' in node ? node.UpdateStmt : 'DeleteStmt' in node ? node.DeleteStmt : 'MergeStmt' in node ? {} : null
  if (where === null && !inserted) return null
  if (inserted) return copied(ran, { node, inventory })
  const size = sizeOf([subject], inventory)
  const statistics = leaves(subject, inventory).flatMap(({ oid }) => inventory.sizeOf(oid)?.columns ?? [])
  const share = shareOfRows(where !== null && 'whereClause' in where ? where.whereClause : undefined, statistics)
  const work: Work = share >= MOST_OF_A_TABLE ? 'rewrite' : 'scan'
  const indexes = [...inventory.all()].filter(({ table }) => table === subject.oid).length
  const estimate = estimateChange({ rows: size.rows * share, tableBytes: size.tableBytes, indexes })
  return { work, workOn: subject.name, estimate }
}

/** INSERT … SELECT reads as many rows as its largest source has. */
function copied(ran: Ran, from: { node: NonNullable<ParsedStatement['node']>; inventory: Inventory }): Effect | null {
  const { node, inventory } = from
  const select = 'InsertStmt' in node ? node.InsertStmt.selectStmt : undefined
  if (select === undefined || ('SelectStmt' in select && select.SelectStmt.valuesLists !== undefined)) return null
  const [target, ...others] = relationsIn(node)
  const sources = others.flatMap(({ name, schema }) =>
    [...inventory.all()].filter((one) => one.relname === name && (schema === null || one.schema === schema)),
  )
  const largest = sources.toSorted((a, b) => sizeOf([b], inventory).rows - sizeOf([a], inventory).rows)[0]
  if (largest === undefined || target === undefined) return null
  const { rows, tableBytes } = sizeOf([largest], inventory)
  const into = subjectOf(ran, inventory)
  const indexes = [...inventory.all()].filter(({ table }) => table === into?.oid).length
  return { work: 'scan', workOn: largest.name, estimate: estimateChange({ rows, tableBytes, indexes }) }
}

/** What a statement costs in production, once it has its locks. */
export function effectOf(ran: Ran, inventory: Inventory): Effect {
  const done = workDone(ran, inventory)
  const made = new Set(ran.difference.created.map(({ oid }) => oid))
  if (done?.tables.every(({ oid }) => made.has(oid))) return INSTANT
  if (done === null) return rowsChanged(ran, inventory) ?? INSTANT
  const size = sizeOf(done.tables, inventory)
  const workOn = nameOf(done.tables, ran, inventory)
  const estimate = estimateDuration(done.work, size)
  const unknown = size.known ? '' : '; its size in production is not known (new, or not in the snapshot)'
  return { work: done.work, workOn, estimate: { ...estimate, basis: `${estimate.basis}${unknown}` } }
}
