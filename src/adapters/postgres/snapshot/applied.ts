import type { Session } from './session.ts'

/** Tables in which migration tools keep what they applied, and what names a migration there. */
const TOOLS: readonly { readonly table: string; readonly column: string; readonly where?: string }[] = [
  { table: 'schema_migrations', column: 'version' },
  { table: 'supabase_migrations.schema_migrations', column: 'version' },
  { table: 'flyway_schema_history', column: 'version', where: 'version is not null and success' },
  {
    table: '_prisma_migrations',
    column: 'migration_name',
    where: 'finished_at is not null and rolled_back_at is null',
  },
  {
    table: 'goose_db_version',
    column: 'version_id',
    where: 'version_id > 0 and is_applied and id = (select max(l.id) from %TABLE% l where l.version_id = m.version_id)',
  },
  { table: 'pgmigrations', column: 'name' },
  { table: 'sqitch.changes', column: 'change' },
  { table: 'premortem_migrations', column: 'file', where: 'applied_at is not null' },
]

const MAX_APPLIED = 20_000

interface Found {
  readonly tool: number
  readonly name: string
  readonly grant: string
  readonly readable: boolean
}

/** The tables of tools that are there, in whatever schema; `public` first. */
const FIND = `
  select t.n::int as tool, format('%I.%I', n.nspname, c.relname) as name, format('GRANT SELECT ON %I.%I', n.nspname, c.relname) as grant,
    has_table_privilege(c.oid, 'select') as readable
  from (values ${TOOLS.map(({ table, column }, at) => {
    const [name = '', schema = null] = table.split('.').reverse()
    return `(${at}, ${schema === null ? 'null' : `'${schema}'`}, '${name}', '${column}')`
  }).join(', ')}) t (n, schema, name, col)
  join pg_class c on c.relname = t.name and c.relkind in ('r', 'p')
  join pg_namespace n on n.oid = c.relnamespace and (n.nspname = t.schema or t.schema is null)
  join pg_attribute a on a.attrelid = c.oid and a.attname = t.col and not a.attisdropped
  order by n.nspname <> 'public', 1, 2`

/** Versions that the migration tool says were applied, sorted; empty when no known tool was here. */
export async function readApplied(session: Session): Promise<readonly string[]> {
  const versions = new Set<string>()
  for (const { tool, name, grant, readable } of await session.ask<Found>(FIND)) {
    const known = TOOLS[tool]
    if (known === undefined) continue
    const what = `applied migrations in ${name}`
    const full = `${grant} TO ${session.role}`
    if (!readable) {
      session.missing.push({ what, why: 'the role may not read the table', grant: full })
      continue
    }
    const where = known.where === undefined ? '' : ` where ${known.where.replace('%TABLE%', name)}`
    const rows = await session.tryTo<{ version: string }>({
      sql: `select m.${known.column}::text as version from ${name} m${where} order by 1 limit ${MAX_APPLIED}`,
      what,
      grant: full,
    })
    for (const { version } of rows ?? []) versions.add(version)
  }
  return [...versions].sort()
}
