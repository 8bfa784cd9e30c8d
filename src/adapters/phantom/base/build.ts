/** The base: production's schema on empty files, with its statistics and settings. States are copies of it. */
import { Problem } from '../../../base/problem.ts'
import type { SkippedObject } from '../../../core/check/plans.ts'
import type { RelationSnapshot, Snapshot } from '../../../core/check/snapshot.ts'
import { type Catalog, type CatalogColumn, readCatalog } from '../catalog.ts'
import { type Connection, literal, messageOf, quoted, withConnection } from '../connection.ts'
import { columnRestore, type Restore, relationRestore, restoreAll } from '../statistics.ts'
import { runSchema } from './schema.ts'
import { takeSettings } from './settings.ts'

export const BASE_DATABASE = 'premortem_base'

/** The base, and what is known of production by the oids that all copies share. */
export interface Base {
  readonly catalog: Catalog
  /** What production says of a relation; nothing for what only the phantom has. */
  readonly known: ReadonlyMap<number, RelationSnapshot>
  readonly skipped: readonly SkippedObject[]
}

/** Where the base is to be made. */
export interface BaseRequest {
  readonly connectionString: (database?: string) => string
  readonly snapshot: Snapshot
  readonly signal: AbortSignal
}

/**
 * Makes the base on a fresh server.
 * @throws Problem `phantom-encoding-unknown` when the snapshot's encoding is none of PostgreSQL's
 */
export async function buildBase(request: BaseRequest): Promise<Base> {
  const { connectionString, snapshot, signal } = request
  const target = { database: BASE_DATABASE, snapshot }
  const notes: SkippedObject[] = []
  await withConnection({ connectionString: connectionString(), signal }, async (connection) => {
    await createDatabase(connection, snapshot)
    for (const name of await takeSettings(connection, target))
      notes.push({ object: `setting ${name}`, reason: 'this server does not take it' })
    await createRoles(connection, snapshot)
  })
  return withConnection({ connectionString: connectionString(BASE_DATABASE), signal }, async (connection) => {
    const { client } = connection
    await client.query('set synchronous_commit = off')
    const skipped = await runSchema(connection, snapshot.schema)
    await client.query("select set_config('search_path', 'pg_catalog', false)")
    const catalog = await readCatalog(client)
    const known = matched(catalog, snapshot)
    const refused = await restoreAll(connection, restoresOf(known, catalog))
    await markAsInProduction(connection, { known, snapshot })
    return { catalog, known, skipped: [...notes, ...skipped, ...refused] }
  })
}

/** Text must sort as in production: histograms are in its order, and LIKE can use a plain btree in the C locale only. */
async function createDatabase({ client }: Connection, snapshot: Snapshot): Promise<void> {
  const { encoding, collation } = snapshot.server
  const bytewise = collation === '' || /^(c|posix)(\.|$)/i.test(collation)
  const locale = bytewise
    ? `locale_provider builtin builtin_locale ${/^utf-?8$/i.test(encoding) ? "'C.UTF-8'" : "'C'"} locale 'C'`
    : `locale_provider icu icu_locale ${literal(icuLocaleOf(collation))} locale 'C'`
  const create = (options: string) =>
    client.query(
      `create database ${quoted(BASE_DATABASE)} template template0 encoding ${literal(encoding || 'UTF8')} ${options}`,
    )
  try {
    await create(locale)
  } catch (error) {
    if (!/encoding/.test(messageOf(error))) throw error
    throw new Problem({
      code: 'phantom-encoding-unknown',
      what: `The embedded PostgreSQL cannot make a database in the encoding "${encoding}" and the locale "${collation}": ${messageOf(error)}.`,
      remedy: 'Take the snapshot again from the database itself, and do not change its "server" part by hand.',
      cause: error,
    })
  }
}

/** `de_DE.UTF-8@phonebook` → `de-DE`: what ICU and libc order differently does not change which index can be used. */
const icuLocaleOf = (collation: string): string => (collation.split(/[.@]/)[0] ?? 'und').replace('_', '-')

async function createRoles({ client }: Connection, snapshot: Snapshot): Promise<void> {
  const named = [...snapshot.workload, ...snapshot.overrides].flatMap(({ role }) => (role === null ? [] : [role]))
  const { rows } = await client.query<{ rolname: string }>('select rolname from pg_roles')
  const there = new Set(rows.map(({ rolname }) => rolname))
  for (const role of new Set(named)) {
    // Names that begin with pg_ are PostgreSQL's own; those that are not there cannot be made.
    if (!there.has(role) && !role.startsWith('pg_')) await client.query(`create role ${quoted(role)}`)
  }
}

const keyOf = (relation: { readonly schema: string; readonly name: string }) => `${relation.schema}\0${relation.name}`

function matched(catalog: Catalog, snapshot: Snapshot): ReadonlyMap<number, RelationSnapshot> {
  const byName = new Map(snapshot.relations.map((relation) => [keyOf(relation), relation]))
  const pairs = [...catalog.relations.values()].flatMap((relation): (readonly [number, RelationSnapshot])[] => {
    const found = byName.get(keyOf(relation))
    return found === undefined ? [] : [[relation.oid, found]]
  })
  return new Map(pairs)
}

function restoresOf(known: ReadonlyMap<number, RelationSnapshot>, catalog: Catalog): readonly Restore[] {
  return [...known].flatMap(([oid, relation]) => {
    const columns = new Set((catalog.columns.get(oid) ?? []).map(({ name }: CatalogColumn) => name))
    const own = relation.columns.filter(({ column }) => columns.has(column))
    return [relationRestore(relation, relation), ...own.map((statistics) => columnRestore(relation, statistics))]
  })
}

/** What no statement of the schema says: invalid indexes, filled materialized views, where sequences stand. */
async function markAsInProduction(
  { client }: Connection,
  facts: { readonly known: ReadonlyMap<number, RelationSnapshot>; readonly snapshot: Snapshot },
): Promise<void> {
  const invalid = [...facts.known].filter(([, relation]) => !relation.valid).map(([oid]) => oid)
  await client.query('update pg_index set indisvalid = false where indexrelid = any ($1::oid[])', [invalid])
  await client.query("update pg_class set relispopulated = true where relkind = 'm' and not relispopulated")
  await client.query(
    `select setval(format('%I.%I', s.schema, s.name), s.value)
     from unnest($1::text[], $2::text[], $3::int8[]) as s (schema, name, value)
     where exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = s.schema and c.relname = s.name and c.relkind = 'S')`,
    [...sequenceColumns(facts.snapshot)],
  )
}

function sequenceColumns(snapshot: Snapshot): readonly string[][] {
  const moved = snapshot.sequences.flatMap(({ schema, name, lastValue }) =>
    lastValue === null ? [] : [{ schema, name, lastValue }],
  )
  return [moved.map(({ schema }) => schema), moved.map(({ name }) => name), moved.map(({ lastValue }) => lastValue)]
}
