/** Follows the statements of a change and tells what holds at each. */
import type { Snapshot } from '../../snapshot.ts'
import type { ParsedFile, ParsedStatement, SqlParser } from '../../sql.ts'
import type { KnownIndex, KnownTable, StatementContext } from '../rule.ts'
import { applyStatement } from './apply.ts'
import { Catalog, type IndexEntry, type TableEntry } from './catalog.ts'
import { addProduction } from './production.ts'
import { millisecondsOf, Session } from './session.ts'
import { type UseOf, usesIn } from './workload.ts'

/** What is known before the first statement. */
export interface KnowledgeOptions {
  readonly snapshot: Snapshot | null
  /** All files that will be followed: of a large schema only what they name is read. */
  readonly files: readonly ParsedFile[]
  readonly parser?: SqlParser | undefined
  /** `server_version_num`; null when not known. Default: the snapshot's. */
  readonly serverVersion?: number | null | undefined
}

/** A setting that all sessions of production's database begin with. */
function baselineOf(snapshot: Snapshot | null, name: string): number | null {
  const everywhere = snapshot?.overrides.filter(({ role }) => role === null).flatMap(({ settings }) => settings) ?? []
  const found = [...(snapshot?.settings ?? []), ...everywhere].findLast((setting) => setting.name === name)
  const value = found === undefined ? null : millisecondsOf(found.value)
  // 0 is PostgreSQL's own default: nobody has set it.
  return value === 0 ? null : value
}

const sum = (values: readonly (number | null)[]): number | null =>
  values.length === 0 || values.some((value) => value === null)
    ? null
    : values.reduce<number>((total, value) => total + (value ?? 0), 0)

/** See the head of this file. */
export class Knowledge {
  private readonly catalog = new Catalog()
  private readonly session: Session
  private readonly uses: UseOf | null
  private readonly options: KnowledgeOptions
  private readonly atStart: ReadonlySet<string>
  private readonly created = new Set<string>()
  /** Tables as they were told since the last statement: rules ask for the same ones again and again. */
  private readonly told = new Map<TableEntry, KnownTable>()
  /** Of the file so far. Told as it is, not copied: a dump has tens of thousands. */
  private before: ParsedStatement[] = []
  private laterFiles: () => readonly ParsedFile[] = () => []
  /** Statements of those files, once somebody has asked. */
  private later: readonly ParsedStatement[] | null = null

  constructor(options: KnowledgeOptions) {
    const { snapshot, parser, files } = options
    this.options = options
    if (snapshot !== null) addProduction(snapshot, { catalog: this.catalog, parser, files })
    this.atStart = new Set(this.catalog.allTables().map(({ schema, name }) => `${schema}.${name}`))
    this.uses = snapshot === null ? null : usesIn(snapshot.workload)
    const timeouts = ['lock_timeout', 'statement_timeout'].map((name) => baselineOf(snapshot, name))
    this.session = new Session(this.catalog, {
      lock_timeout: timeouts[0] ?? null,
      statement_timeout: timeouts[1] ?? null,
    })
  }

  /** @param later files of the same change that run after it */
  begin(file: ParsedFile, later: () => readonly ParsedFile[] = () => []): void {
    this.told.clear()
    this.before = []
    this.laterFiles = later
    this.later = null
    this.session.begin(file)
  }

  /** All that the files so far have made is there, and in use. */
  settle(): void {
    this.told.clear()
    this.catalog.settle()
    this.created.clear()
  }

  /** The statement has run. */
  take(statement: ParsedStatement): void {
    this.told.clear()
    this.session.arrive(statement)
    if (statement.node !== null) {
      const transaction = this.session.number
      applyStatement(statement.node, { catalog: this.catalog, sql: statement.sql, transaction })
      this.remember(statement.node, transaction)
    }
    this.session.take(statement)
    this.before.push(statement)
  }

  private remember(node: object, transaction: number): void {
    if (!('CreateStmt' in node || 'CreateTableAsStmt' in node || 'ViewStmt' in node || 'RenameStmt' in node)) return
    const added = this.catalog.takeAdded()
    for (const { schema, name, createdIn } of 'RenameStmt' in node ? this.catalog.allTables() : added) {
      if (createdIn === transaction) this.created.add(`${schema}.${name}`)
    }
  }

  /** What holds before the statement at `at` of a file. Good until the next `take`. */
  contextOf(file: ParsedFile, at: number): StatementContext | null {
    const statement = file.statements[at]
    if (statement === undefined) return null
    this.session.arrive(statement)
    const { snapshot, serverVersion } = this.options
    const laterStatements = () => this.laterStatements()
    let after: readonly ParsedStatement[] | null = null
    return {
      file,
      statement,
      before: this.before,
      // Few rules ask, and each copy is as long as the file.
      get after() {
        after ??= file.statements.slice(at + 1)
        return after
      },
      get later() {
        return laterStatements()
      },
      transaction: this.session.current(),
      lockTimeoutMs: this.session.timeout('lock_timeout'),
      statementTimeoutMs: this.session.timeout('statement_timeout'),
      serverVersion: serverVersion ?? snapshot?.server.version ?? null,
      hasSnapshot: snapshot !== null,
      table: (schema, name) => {
        const entry = name === undefined ? null : this.catalog.table({ schema: schema || null, name })
        return entry === null ? null : this.tableOf(entry)
      },
      index: (schema, name) => {
        const entry = name === undefined ? null : this.catalog.index({ schema: schema || null, name })
        return entry === null ? null : this.indexOf(entry)
      },
      queriesOn: (table) => this.uses?.(table.name).queries ?? [],
      tables: () => this.catalog.allTables().map((entry) => this.tableOf(entry)),
      sequences: snapshot?.sequences ?? [],
      existedBefore: (schema, name) => this.existedBefore(schema || null, name),
    }
  }

  private laterStatements(): readonly ParsedStatement[] {
    this.later ??= this.laterFiles().flatMap(({ statements }) => statements)
    return this.later
  }

  private existedBefore(schema: string | null, name: string | undefined): boolean {
    if (name === undefined) return false
    const places = schema === null ? this.catalog.searchPath : [schema]
    if (this.options.snapshot !== null) return places.some((one) => this.atStart.has(`${one}.${name}`))
    return !places.some((one) => this.created.has(`${one}.${name}`))
  }

  private tableOf(entry: TableEntry): KnownTable {
    const told = this.told.get(entry) ?? this.tableNow(entry)
    this.told.set(entry, told)
    return told
  }

  private tableNow(entry: TableEntry): KnownTable {
    const leaves = this.catalog.leaves(entry)
    const indexes = this.catalog.indexesOf(entry)
    const indexBytes = leaves.flatMap((leaf) => this.catalog.indexesOf(leaf).map(({ bytes }) => bytes))
    const isNew = entry.createdIn !== null
    const knowsSize = !isNew && this.options.snapshot !== null
    return {
      schema: entry.schema,
      name: entry.name,
      kind: entry.kind,
      isNew,
      isNewInTransaction: entry.createdIn === this.session.number,
      rows: sum(leaves.map(({ rows }) => rows)),
      bytes: sum(leaves.map(({ bytes }) => bytes)),
      // Indexes that the change itself made have no size yet.
      indexBytes: knowsSize ? indexBytes.reduce<number>((total, bytes) => total + (bytes ?? 0), 0) : null,
      callsPerMinute: isNew || this.uses === null ? null : this.uses(entry.name).callsPerMinute,
      columns: entry.complete || entry.columns.size > 0 ? [...entry.columns.values()] : null,
      indexes: indexes.map((index) => this.indexOf(index)),
      constraints: entry.constraints,
    }
  }

  private indexOf(entry: IndexEntry): KnownIndex {
    const { table, ...index } = entry
    return { ...index, schema: table.schema, table: table.name }
  }
}
