/**
 * Makes a state of the schema on a copy of the base. The order matters: the change runs while files are empty, statistics and
 * rows at the ends follow, and the files get their length last, when no page of them is in the server's memory.
 */
import { join } from 'node:path'
import { ExtraRefused } from '../../../core/check/extra-refused.ts'
import type { SchemaState } from '../../../core/check/plans.ts'
import type { ColumnStatistics, Snapshot } from '../../../core/check/snapshot.ts'
import type { ParsedFile } from '../../../core/check/sql.ts'
import { BASE_DATABASE, type Base } from '../base/build.ts'
import { type Catalog, type CatalogRelation, readCatalog } from '../catalog.ts'
import { type Connection, quoted, sqlStateOf, withConnection } from '../connection.ts'
import type { ApplyChange, PhantomServer } from '../contracts.ts'
import { shapeFiles } from '../files/lengthen.ts'
import { PAGE_BYTES } from '../files/page.ts'
import { columnRestore, relationRestore, restoreAll } from '../statistics.ts'
import { modelAnalyze } from './analysed.ts'
import { type Ends, endRowsOf, insertEndRows } from './ends.ts'
import { jittered } from './jitter.ts'
import { readStatistics } from './read-statistics.ts'
import { type SizedRelation, sizesOf } from './sizes.ts'

/** What all states of a phantom are made from. */
export interface StateSource {
  readonly server: PhantomServer
  readonly snapshot: Snapshot
  readonly files: readonly ParsedFile[]
  readonly base: Base
  readonly ends: ReadonlyMap<string, Ends>
  readonly apply: ApplyChange
  /** A database in which the whole change was applied, to be copied instead of applying it again; null: there is none. */
  readonly whole: { readonly database: string; readonly statements: number } | null
  readonly signal: AbortSignal
}

/** A database in that state, whose files have not got their length yet. */
export interface DraftState {
  readonly database: string
  readonly sizes: ReadonlyMap<number, SizedRelation>
}

/** What a state is copied from: the base, or for the state after the whole change the database that has it already. */
const templateFor = ({ whole }: StateSource, { statements }: Pick<SchemaState, 'statements'>): string =>
  whole !== null && whole.statements === statements ? whole.database : BASE_DATABASE

/** Copies what comes nearest to a state. Nobody may be connected to it. */
export async function copyFor(
  source: StateSource,
  order: { readonly state: Pick<SchemaState, 'statements'>; readonly database: string },
): Promise<void> {
  const { database } = order
  const { server, signal } = source
  await withConnection({ connectionString: server.connectionString(), signal }, async ({ client }) => {
    await client.query(
      `create database ${quoted(database)} template ${quoted(templateFor(source, order.state))} strategy file_copy`,
    )
    // A copy does not take the settings of its template.
    const { rows } = await client.query<{ name: string; value: string }>(
      `select split_part(e, '=', 1) as name, substr(e, strpos(e, '=') + 1) as value
       from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase, unnest(s.setconfig) e
       where d.datname = $1 and s.setrole = 0`,
      [BASE_DATABASE],
    )
    for (const { name, value } of rows)
      await client.query(
        `alter database ${quoted(database)} set ${quoted(name)} to ${listOrLiteral(client, name, value)}`,
      )
  })
}

const listOrLiteral = (client: Connection['client'], name: string, value: string): string =>
  name === 'search_path' ? value || "''" : client.escapeLiteral(value)

/**
 * Applies the state's part of the change, and its further DDL.
 * @throws ExtraRefused when PostgreSQL refuses a statement of the further DDL
 */
export async function applyState(source: StateSource, connection: Connection, state: SchemaState): Promise<void> {
  const { files, snapshot, signal } = source
  const { client } = connection
  if (state.statements > 0 && templateFor(source, state) === BASE_DATABASE)
    await source.apply({ client, files, snapshot, upTo: state.statements, record: false, signal })
  for (const sql of state.extra) {
    try {
      await client.query(sql)
    } catch (cause) {
      signal.throwIfAborted()
      // Without a SQLSTATE it is the connection that failed, whatever the statement is.
      const sqlState = sqlStateOf(cause)
      if (sqlState === undefined) throw cause
      throw new ExtraRefused({ sql, sqlState, cause })
    }
  }
}

/** Makes a state's database up to where only the files' length is missing. @throws the driver's error */
export async function draftState(
  source: StateSource,
  order: { readonly state: SchemaState; readonly database: string },
): Promise<DraftState> {
  const { server, base, signal } = source
  const { state, database } = order
  await copyFor(source, order)
  return withConnection({ connectionString: server.connectionString(database), signal }, async (connection) => {
    const { client } = connection
    await client.query('set synchronous_commit = off')
    await applyState(source, connection, state)
    await client.query("select set_config('search_path', 'pg_catalog', false)")
    const catalog = await readCatalog(client)
    const { statistics, forSizes } = await statisticsOf(source, connection, { state, catalog })
    if (state.jitter !== null)
      await restoreJittered(source, connection, { catalog, statistics, seed: state.jitter.seed })
    const emptied = emptiedTables(source, state, catalog)
    const isFilled = (table: CatalogRelation) => (base.known.get(table.oid)?.pages ?? 0) > 0 && !emptied.has(table.oid)
    await insertEndRows(client, endRowsOf(catalog, { catalog: base.catalog, ends: source.ends }, isFilled))
    const sizes = await sizesOf({ client, base, state: catalog, statistics: forSizes, emptied })
    const modelled = [...sizes.values()].filter((one) => one.modelled)
    await restoreAll(
      connection,
      modelled.map((one) => relationRestore(one.relation, { ...one, relpages: one.pages })),
    )
    return { database, sizes }
  })
}

type StatisticsByRelation = ReadonlyMap<number, readonly ColumnStatistics[]>

/** What is known of the columns. Sizes follow the modelled ones at once, the planner sees them after ANALYZE only. */
async function statisticsOf(
  source: StateSource,
  connection: Connection,
  made: { readonly state: SchemaState; readonly catalog: Catalog },
): Promise<{ readonly statistics: StatisticsByRelation; readonly forSizes: StatisticsByRelation }> {
  const { client } = connection
  const statistics = await readStatistics(client)
  if (made.state.statements === 0 && made.state.extra.length === 0) return { statistics, forSizes: statistics }
  const modelled = await modelAnalyze({ client, base: source.base, state: made.catalog, statistics })
  if (made.state.analysed)
    await restoreAll(
      connection,
      modelled.map((one) => columnRestore(one.relation, one.statistics)),
    )
  const all = new Map(statistics)
  for (const one of modelled) all.set(one.relation.oid, [...(all.get(one.relation.oid) ?? []), one.statistics])
  return { statistics: made.state.analysed ? all : statistics, forSizes: all }
}

async function restoreJittered(
  source: StateSource,
  connection: Connection,
  facts: {
    readonly catalog: Catalog
    readonly statistics: StatisticsByRelation
    readonly seed: number
  },
): Promise<void> {
  const target = Number(source.snapshot.settings.find(({ name }) => name === 'default_statistics_target')?.value)
  const restores = [...facts.statistics].flatMap(([oid, columns]) => {
    const relation = facts.catalog.relations.get(oid)
    const known = source.base.known.get(relation?.table ?? oid)
    if (relation === undefined || known === undefined) return []
    const sampling = { seed: facts.seed ^ oid, rows: known.reltuples, ...(target > 0 ? { target } : {}) }
    return columns.map((statistics) => columnRestore(relation, jittered(statistics, sampling)))
  })
  await restoreAll(connection, restores)
}

/** TRUNCATE gives a table new files as a rewrite does; only the statement tells them apart. */
function emptiedTables(source: StateSource, state: SchemaState, catalog: Catalog): ReadonlySet<number> {
  const statements = source.files
    .flatMap((file) => file.statements)
    .filter(({ origin }) => origin === 'file')
    .slice(0, state.statements)
  const names = new Set(
    statements.flatMap(({ node }) =>
      node !== null && 'TruncateStmt' in node
        ? (node.TruncateStmt.relations ?? []).flatMap((one) => ('RangeVar' in one ? [one.RangeVar.relname] : []))
        : [],
    ),
  )
  const tables = [...catalog.relations.values()].filter(({ name, oid, filenode }) => {
    const before = source.base.catalog.relations.get(oid)
    return names.has(before?.name ?? name) && before !== undefined && before.filenode !== filenode
  })
  return new Set(tables.map(({ oid }) => oid))
}

/** Gives the files of a state production's length. Its pages must have been evicted, and nobody may be connected. */
export function lengthenState(server: PhantomServer, draft: DraftState): void {
  for (const { relation, pages, inside } of draft.sizes.values()) {
    if (relation.path === null) continue
    shapeFiles({ path: join(server.dataDirectory, relation.path), pages, inside })
  }
}

/** Of its main file. */
export const bytesOf = (sized: SizedRelation): number => sized.pages * PAGE_BYTES
