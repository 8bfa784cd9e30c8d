import type { AlterTableCmd, AlterTableStmt } from '@pgsql/types'
import type { Catalog, TableEntry } from './catalog.ts'
import { addColumn, addConstraint, type TableChange } from './columns.ts'
import { ofRange, typeText } from './names.ts'

type Change = (command: AlterTableCmd, change: TableChange) => void

function changeColumn(
  table: TableEntry,
  name: string | undefined,
  to: { notNull?: boolean; type?: string | null },
): void {
  if (name === undefined) return
  const known = table.columns.get(name)
  table.columns.set(name, { type: null, notNull: null, ...known, ...to, name })
}

function dropColumn({ name }: AlterTableCmd, { table, catalog }: TableChange): void {
  if (name === undefined) return
  table.columns.delete(name)
  table.constraints = table.constraints.filter(({ columns }) => !columns.includes(name))
  for (const index of catalog.indexesOf(table)) {
    if (index.columns.includes(name)) catalog.dropIndex({ schema: table.schema, name: index.name })
  }
}

function dropConstraint({ name }: AlterTableCmd, { table, catalog }: TableChange): void {
  const dropped = table.constraints.find((one) => one.name === name)
  table.constraints = table.constraints.filter((one) => one.name !== name)
  // The index of a key goes with it.
  if (name !== undefined) catalog.dropIndex({ schema: table.schema, name })
  if (dropped?.kind === 'not-null')
    for (const column of dropped.columns) changeColumn(table, column, { notNull: false })
}

function validate({ name }: AlterTableCmd, { table }: TableChange): void {
  table.constraints = table.constraints.map((one) => (one.name === name ? { ...one, validated: true } : one))
  const valid = table.constraints.find((one) => one.name === name)
  if (valid?.kind === 'not-null') for (const column of valid.columns) changeColumn(table, column, { notNull: true })
}

function partition(command: AlterTableCmd, { table, catalog }: TableChange): void {
  const name =
    command.def !== undefined && 'PartitionCmd' in command.def ? ofRange(command.def.PartitionCmd.name) : null
  const child = catalog.mentioned(name)
  if (child === null || catalog.index(name) !== null) return
  const attaches = command.subtype === 'AT_AttachPartition'
  if (attaches) table.kind = 'partitioned'
  child.parent = attaches ? table : null
  if (child.kind !== 'partitioned') child.kind = attaches ? 'partition' : 'table'
}

const CHANGES: Readonly<Record<string, Change>> = {
  AT_AddColumn: ({ def, missing_ok }, change) => {
    if (def === undefined || !('ColumnDef' in def)) return
    if (missing_ok === true && change.table.columns.has(def.ColumnDef.colname ?? '')) return
    addColumn(def.ColumnDef, change)
  },
  AT_DropColumn: dropColumn,
  AT_SetNotNull: ({ name }, { table }) => changeColumn(table, name, { notNull: true }),
  AT_DropNotNull: ({ name }, { table }) => changeColumn(table, name, { notNull: false }),
  AT_AlterColumnType: ({ name, def }, { table }) => {
    if (def === undefined || !('ColumnDef' in def)) return
    changeColumn(table, name, { type: typeText(def.ColumnDef.typeName) })
  },
  AT_AddConstraint: ({ def }, change) => {
    if (def !== undefined && 'Constraint' in def) addConstraint(def.Constraint, change)
  },
  AT_DropConstraint: dropConstraint,
  AT_ValidateConstraint: validate,
  AT_AttachPartition: partition,
  AT_DetachPartition: partition,
}

/** What ALTER TABLE does to what is known of the table. */
export function alterTable(statement: AlterTableStmt, on: { catalog: Catalog; sql: string; isNew: boolean }): void {
  if (statement.objtype === 'OBJECT_INDEX' || statement.objtype === 'OBJECT_TYPE') return
  const name = ofRange(statement.relation)
  const table = statement.missing_ok === true ? on.catalog.table(name) : on.catalog.mentioned(name)
  if (table === null) return
  for (const node of statement.cmds ?? []) {
    if ('AlterTableCmd' in node) CHANGES[node.AlterTableCmd.subtype ?? '']?.(node.AlterTableCmd, { ...on, table })
  }
}
