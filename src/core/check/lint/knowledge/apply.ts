/** What each statement does to what is known of the schema. */
import type { CreateStmt, CreateTableAsStmt, DropStmt, IndexStmt, Node, RenameStmt } from '@pgsql/types'
import { alterTable } from './alter-table.ts'
import type { Catalog, TableEntry } from './catalog.ts'
import { addColumn, addConstraint } from './columns.ts'
import { ofObject, ofRange } from './names.ts'

/** Where a statement stands. */
export interface Applying {
  readonly catalog: Catalog
  readonly sql: string
  /** Number of the transaction; null for statements of the snapshot, which made what was there before. */
  readonly transaction: number | null
}

const isNew = (applying: Applying): boolean => applying.transaction !== null

function createTable(statement: CreateStmt, applying: Applying): void {
  const { catalog, sql, transaction } = applying
  const name = ofRange(statement.relation)
  if (name === null || (catalog.table(name) !== null && statement.if_not_exists === true)) return
  const before = transaction === null ? catalog.table(name) : null
  const elements = statement.tableElts ?? []
  const complete = !elements.some((node) => 'TableLikeClause' in node) && (statement.inhRelations ?? []).length === 0
  const table = before ?? catalog.add(name, { createdIn: transaction, complete })
  table.complete = complete
  if (statement.partspec !== undefined) table.kind = 'partitioned'
  const parent = statement.inhRelations?.[0]
  if (statement.partbound !== undefined && parent !== undefined && 'RangeVar' in parent) {
    table.parent = catalog.mentioned(ofRange(parent.RangeVar))
    if (table.parent !== null) table.parent.kind = 'partitioned'
    if (table.kind !== 'partitioned') table.kind = 'partition'
  }
  const change = { catalog, table, sql, isNew: isNew(applying) }
  for (const node of elements) if ('ColumnDef' in node) addColumn(node.ColumnDef, change)
  for (const node of elements) if ('Constraint' in node) addConstraint(node.Constraint, change)
}

function createTableAs(statement: CreateTableAsStmt, { catalog, transaction }: Applying): void {
  const name = ofRange(statement.into?.rel)
  if (name === null || (catalog.table(name) !== null && statement.if_not_exists === true)) return
  const kind = statement.objtype === 'OBJECT_MATVIEW' ? 'materialized-view' : 'table'
  const before = transaction === null ? catalog.table(name) : null
  if (before === null) catalog.add(name, { createdIn: transaction, complete: false, kind })
  else before.kind = kind
}

/** As PostgreSQL names an index without a name; expressions become `expr`. */
function indexName(statement: IndexStmt, table: string): string {
  if (statement.idxname !== undefined && statement.idxname !== '') return statement.idxname
  const keys = (statement.indexParams ?? []).map((node) => ('IndexElem' in node && node.IndexElem.name) || 'expr')
  return [table, ...keys, 'idx'].join('_')
}

function createIndex(statement: IndexStmt, applying: Applying): void {
  const { catalog, sql } = applying
  const table = catalog.mentioned(ofRange(statement.relation))
  if (table === null) return
  const name = indexName(statement, table.name)
  const before = catalog.index({ schema: table.schema, name })
  if (before !== null && statement.if_not_exists === true) return
  catalog.addIndex({
    name,
    table,
    definition: sql,
    unique: statement.unique === true,
    valid: before?.valid ?? true,
    isNew: isNew(applying),
    columns: (statement.indexParams ?? []).map((node) => ('IndexElem' in node && node.IndexElem.name) || null),
    partial: statement.whereClause !== undefined,
    bytes: before?.bytes ?? null,
    scans: before?.scans ?? null,
  })
}

function drop(statement: DropStmt, { catalog }: Applying): void {
  for (const node of statement.objects ?? []) {
    const name = ofObject(node)
    if (name === null) continue
    if (statement.removeType === 'OBJECT_INDEX') catalog.dropIndex(name)
    else if (statement.removeType === 'OBJECT_SCHEMA') catalog.dropSchema(name.name)
    else if (['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW'].includes(statement.removeType ?? '')) catalog.drop(name)
  }
}

function renameColumn(table: TableEntry, catalog: Catalog, names: { from: string; to: string }): void {
  const { from, to } = names
  const renamed = <T extends string | null>(one: T) => (one === from ? to : one)
  const columns = [...table.columns.values()].map((column) => ({ ...column, name: renamed(column.name) }))
  table.columns = new Map(columns.map((column) => [column.name, column]))
  if (!table.columns.has(to)) table.columns.set(to, { name: to, type: null, notNull: null })
  table.constraints = table.constraints.map((one) => ({ ...one, columns: one.columns.map(renamed) }))
  for (const one of catalog.indexesOf(table)) catalog.addIndex({ ...one, columns: one.columns.map(renamed) })
}

function renameConstraint(table: TableEntry, catalog: Catalog, names: { from: string; to: string }): void {
  const { from, to } = names
  table.constraints = table.constraints.map((one) => (one.name === from ? { ...one, name: to } : one))
  const key = catalog.index({ schema: table.schema, name: from })
  if (key !== null) catalog.renameIndex(key, to)
}

function rename(statement: RenameStmt, { catalog }: Applying): void {
  const { renameType, subname: from = '', newname: to } = statement
  if (to === undefined || renameType === 'OBJECT_ATTRIBUTE') return
  if (renameType === 'OBJECT_SCHEMA') {
    catalog.renameSchema(from, to)
    return
  }
  const name = ofRange(statement.relation)
  const index = catalog.index(name)
  if (index !== null && renameType !== 'OBJECT_COLUMN') {
    catalog.renameIndex(index, to)
    return
  }
  const table = renameType === 'OBJECT_INDEX' ? null : catalog.mentioned(name)
  if (table === null) return
  if (renameType === 'OBJECT_COLUMN') renameColumn(table, catalog, { from, to })
  else if (renameType === 'OBJECT_TABCONSTRAINT') renameConstraint(table, catalog, { from, to })
  else catalog.move(table, { name: to })
}

/** Changes what is known as the statement changes the schema; most statements do not. */
export function applyStatement(node: Node, applying: Applying): void {
  const { catalog } = applying
  if ('CreateStmt' in node) createTable(node.CreateStmt, applying)
  else if ('CreateTableAsStmt' in node) createTableAs(node.CreateTableAsStmt, applying)
  else if ('IndexStmt' in node) createIndex(node.IndexStmt, applying)
  else if ('AlterTableStmt' in node) alterTable(node.AlterTableStmt, { ...applying, isNew: isNew(applying) })
  else if ('DropStmt' in node) drop(node.DropStmt, applying)
  else if ('RenameStmt' in node) rename(node.RenameStmt, applying)
  else if ('ViewStmt' in node) {
    const name = ofRange(node.ViewStmt.view)
    if (name !== null && catalog.table(name) === null) {
      catalog.add(name, { createdIn: applying.transaction, complete: false, kind: 'view' })
    }
  } else if ('AlterObjectSchemaStmt' in node) {
    const { relation, newschema } = node.AlterObjectSchemaStmt
    const table = catalog.mentioned(ofRange(relation))
    if (table !== null && newschema !== undefined) catalog.move(table, { schema: newschema })
  } else if ('CreateSchemaStmt' in node) {
    for (const element of node.CreateSchemaStmt.schemaElts ?? []) applyStatement(element, applying)
  } else if ('SelectStmt' in node && node.SelectStmt.intoClause !== undefined) {
    const name = ofRange(node.SelectStmt.intoClause.rel)
    if (name !== null) catalog.add(name, { createdIn: applying.transaction, complete: false })
  }
}
