/** Columns and constraints as CREATE TABLE and ALTER TABLE write them, put into a table's entry. */
import type { ColumnDef, Constraint, Node } from '@pgsql/types'
import type { KnownConstraint } from '../rule.ts'
import type { Catalog, TableEntry } from './catalog.ts'
import { isSerial, ofRange, textsOf, typeText } from './names.ts'

const KINDS: Readonly<Record<string, KnownConstraint['kind']>> = {
  CONSTR_PRIMARY: 'primary',
  CONSTR_UNIQUE: 'unique',
  CONSTR_FOREIGN: 'foreign',
  CONSTR_CHECK: 'check',
  CONSTR_EXCLUSION: 'exclude',
  CONSTR_NOTNULL: 'not-null',
}

/** Where a table is changed: its entry, the text for expressions, whether the table's own changes count as new. */
export interface TableChange {
  readonly catalog: Catalog
  readonly table: TableEntry
  /** The statement's text. */
  readonly sql: string
  /** False for what the snapshot says. */
  readonly isNew: boolean
}

/** The text in the parentheses behind a location; null when they never end. */
function inParentheses(sql: string, from: number): string | null {
  const open = sql.indexOf('(', from)
  let depth = 0
  for (let at = open; at >= 0 && at < sql.length; at += 1) {
    if (sql[at] === '(') depth += 1
    if (sql[at] === ')') depth -= 1
    if (depth === 0) return sql.slice(open + 1, at).trim()
  }
  return null
}

function columnsOf(constraint: Constraint, column: string | null): readonly string[] {
  const named = textsOf(constraint.contype === 'CONSTR_FOREIGN' ? constraint.fk_attrs : constraint.keys)
  if (named.length > 0) return named
  const excluded = (constraint.exclusions ?? []).flatMap((node) => {
    const element = 'List' in node ? node.List.items?.[0] : undefined
    return element !== undefined && 'IndexElem' in element && element.IndexElem.name ? [element.IndexElem.name] : []
  })
  if (excluded.length > 0) return excluded
  return column === null ? [] : [column]
}

/** Columns that a CHECK's expression names. */
function checkedColumns(node: Node | undefined): readonly string[] {
  const found = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('ColumnRef' in value) {
      const name = textsOf((value as { ColumnRef: { fields?: Node[] } }).ColumnRef.fields).at(-1)
      if (name !== undefined) found.add(name)
    }
    for (const one of Object.values(value)) visit(one)
  }
  visit(node)
  return [...found]
}

const SUFFIX: Readonly<Record<KnownConstraint['kind'], string>> = {
  primary: 'pkey',
  unique: 'key',
  foreign: 'fkey',
  check: 'check',
  exclude: 'excl',
  'not-null': 'not_null',
}

/** The name that PostgreSQL gives to what has none (as long as no other has it and it fits into 63 bytes). */
function givenName(table: string, kind: KnownConstraint['kind'], columns: readonly string[]): string {
  if (kind === 'primary') return `${table}_pkey`
  return [table, ...columns, SUFFIX[kind]].join('_')
}

function detailOf(constraint: Constraint, change: TableChange): string | null {
  if (constraint.contype === 'CONSTR_CHECK') return inParentheses(change.sql, constraint.location ?? 0)
  const target = ofRange(constraint.pktable)
  if (target === null) return null
  return target.schema === null ? target.name : `${target.schema}.${target.name}`
}

/** A primary key makes its columns NOT NULL, even when it takes over an index. */
function makeNotNull(table: TableEntry, columns: readonly string[]): void {
  for (const name of columns) {
    const known = table.columns.get(name)
    table.columns.set(name, { type: null, ...known, name, notNull: true })
  }
}

function addKeyIndex(change: TableChange, known: KnownConstraint): void {
  const { catalog, table, isNew } = change
  const before = catalog.index({ schema: table.schema, name: known.name })
  // Of an index that is only listed, the snapshot tells size and use, and the constraint the columns.
  if (before !== null && before.columns.length > 0) return
  const definition = `CREATE UNIQUE INDEX ${known.name} ON ${table.schema}.${table.name} (${known.columns.join(', ')})`
  const index = { name: known.name, table, definition, unique: known.kind !== 'exclude', isNew, partial: false }
  const { valid = true, bytes = null, scans = null } = before ?? {}
  catalog.addIndex({ ...index, columns: known.columns, valid, bytes, scans })
}

/** Adds a constraint; those that are only attributes of others (DEFERRABLE and the like) change nothing. */
export function addConstraint(constraint: Constraint, change: TableChange, column: string | null = null): void {
  const { table, catalog, isNew } = change
  const kind = KINDS[constraint.contype ?? '']
  if (kind === undefined) return
  const using = constraint.indexname === undefined ? null : { schema: table.schema, name: constraint.indexname }
  const index = catalog.index(using)
  const listed = kind === 'check' ? checkedColumns(constraint.raw_expr) : columnsOf(constraint, column)
  const columns = index === null ? listed : index.columns.filter((one) => one !== null)
  const name = constraint.conname ?? using?.name ?? givenName(table.name, kind, columns)
  const validated = constraint.skip_validation !== true
  const known: KnownConstraint = { name, kind, columns, validated, detail: detailOf(constraint, change), isNew }
  table.constraints = [...table.constraints.filter((one) => one.name !== name), known]
  if (kind === 'primary') makeNotNull(table, columns)
  // NOT NULL … NOT VALID (PostgreSQL 18) promises nothing about the rows that are there.
  if (kind === 'not-null' && validated) makeNotNull(table, columns)
  if (index !== null) catalog.renameIndex(index, name)
  else if (['primary', 'unique', 'exclude'].includes(kind)) addKeyIndex(change, known)
}

/** Adds a column with its constraints. */
export function addColumn(definition: ColumnDef, change: TableChange): void {
  const name = definition.colname
  if (name === undefined) return
  const constraints = (definition.constraints ?? []).flatMap((node) => ('Constraint' in node ? [node.Constraint] : []))
  const notNull =
    definition.is_not_null === true ||
    isSerial(definition.typeName) ||
    constraints.some(({ contype }) => contype === 'CONSTR_NOTNULL' || contype === 'CONSTR_IDENTITY')
  change.table.columns.set(name, { name, type: typeText(definition.typeName), notNull })
  for (const constraint of constraints) addConstraint(constraint, change, name)
}
