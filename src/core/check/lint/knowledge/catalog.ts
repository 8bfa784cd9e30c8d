/** The schema as far as it is known at one point of a change. Changed statement by statement. */
import type { KnownColumn, KnownConstraint, KnownIndex, KnownTable } from '../rule.ts'
import type { QualifiedName } from './names.ts'

/** What a catalog keeps of a table; numbers are those of production. */
export interface TableEntry {
  schema: string
  name: string
  kind: KnownTable['kind']
  /** Number of the transaction that created it; null: it was there before the change. */
  createdIn: number | null
  rows: number | null
  bytes: number | null
  /** Column names in order; false as `complete` where only some are known. */
  columns: Map<string, KnownColumn>
  complete: boolean
  constraints: KnownConstraint[]
  parent: TableEntry | null
  /** Kept by the catalog. */
  readonly indexes: Set<IndexEntry>
}

/** What a catalog keeps of an index. */
export interface IndexEntry extends Omit<KnownIndex, 'schema' | 'table' | 'name'> {
  readonly table: TableEntry
  name: string
}

const key = (schema: string, name: string): string => `${schema}.${name}`

/** Schemas that are looked through for a name without one. */
const DEFAULT_PATH: readonly string[] = ['public']

/** Tables and indexes by name, and the search path; see the head of this file. */
export class Catalog {
  private readonly tables = new Map<string, TableEntry>()
  private readonly indexes = new Map<string, IndexEntry>()
  private readonly added: TableEntry[] = []
  /** In force; `$user` and pg_catalog left out. */
  searchPath: readonly string[] = DEFAULT_PATH

  resetSearchPath(): void {
    this.searchPath = DEFAULT_PATH
  }

  private find<T>(from: ReadonlyMap<string, T>, { schema, name }: QualifiedName): T | null {
    if (schema !== null) return from.get(key(schema, name)) ?? null
    for (const one of this.searchPath) {
      const found = from.get(key(one, name))
      if (found !== undefined) return found
    }
    return null
  }

  table(name: QualifiedName | null): TableEntry | null {
    return name === null ? null : this.find(this.tables, name)
  }

  index(name: QualifiedName | null): IndexEntry | null {
    return name === null ? null : this.find(this.indexes, name)
  }

  /** The schema in which a name without one is created. */
  schemaOf({ schema }: QualifiedName): string {
    return schema ?? this.searchPath[0] ?? 'public'
  }

  /** The table, or a new entry for one of which nothing is known but that it must be there. */
  mentioned(name: QualifiedName | null): TableEntry | null {
    if (name === null) return null
    return this.table(name) ?? this.add(name, { createdIn: null, complete: false })
  }

  add(name: QualifiedName, of: Pick<TableEntry, 'createdIn' | 'complete'> & Partial<TableEntry>): TableEntry {
    const entry: TableEntry = {
      kind: 'table',
      rows: null,
      bytes: null,
      columns: new Map(),
      constraints: [],
      parent: null,
      indexes: new Set(),
      ...of,
      schema: this.schemaOf(name),
      name: name.name,
    }
    this.tables.set(key(entry.schema, entry.name), entry)
    this.added.push(entry)
    return entry
  }

  /** Tables that were added since this was last asked. */
  takeAdded(): readonly TableEntry[] {
    return this.added.splice(0)
  }

  addIndex(index: IndexEntry): void {
    const at = key(index.table.schema, index.name)
    const before = this.indexes.get(at)
    before?.table.indexes.delete(before)
    this.indexes.set(at, index)
    index.table.indexes.add(index)
  }

  private removeIndex(index: IndexEntry): void {
    this.indexes.delete(key(index.table.schema, index.name))
    index.table.indexes.delete(index)
  }

  drop(name: QualifiedName): void {
    const table = this.table(name)
    if (table === null) return
    this.tables.delete(key(table.schema, table.name))
    for (const index of this.indexesOf(table)) this.removeIndex(index)
    for (const child of [...this.tables.values()].filter(({ parent }) => parent === table)) {
      this.drop({ schema: child.schema, name: child.name })
    }
  }

  dropIndex(name: QualifiedName): void {
    const index = this.index(name)
    if (index !== null) this.removeIndex(index)
  }

  dropSchema(schema: string): void {
    for (const table of [...this.tables.values()]) if (table.schema === schema) this.drop(table)
  }

  /** Gives a table another name or schema; its indexes go along. */
  move(table: TableEntry, to: { readonly schema?: string; readonly name?: string }): void {
    const indexes = this.indexesOf(table)
    for (const index of indexes) this.removeIndex(index)
    this.tables.delete(key(table.schema, table.name))
    table.schema = to.schema ?? table.schema
    table.name = to.name ?? table.name
    this.tables.set(key(table.schema, table.name), table)
    for (const index of indexes) this.addIndex(index)
  }

  renameSchema(from: string, to: string): void {
    for (const table of [...this.tables.values()]) if (table.schema === from) this.move(table, { schema: to })
  }

  renameIndex(index: IndexEntry, name: string): void {
    this.removeIndex(index)
    index.name = name
    this.addIndex(index)
  }

  indexesOf(table: TableEntry): readonly IndexEntry[] {
    return [...table.indexes]
  }

  allTables(): readonly TableEntry[] {
    return [...this.tables.values()]
  }

  /** Leaves of a partitioned table; the table itself for any other. */
  leaves(table: TableEntry): readonly TableEntry[] {
    if (table.kind !== 'partitioned') return [table]
    return [...this.tables.values()].filter(({ parent }) => parent === table).flatMap((child) => this.leaves(child))
  }

  /** What was made so far was made long ago: it is in use like everything else. */
  settle(): void {
    for (const table of this.tables.values()) table.createdIn = null
    for (const index of [...this.indexes.values()]) if (index.isNew) this.addIndex({ ...index, isNew: false })
    for (const table of this.tables.values()) {
      table.constraints = table.constraints.map((constraint) => ({ ...constraint, isNew: false }))
    }
  }
}
