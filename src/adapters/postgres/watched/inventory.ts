/** What the watched database is set to, and which indexes it has: one statement, over the catalogs only. */
import type pg from 'pg'
import type { DatabaseInventory, InventoriedIndex } from '../../../core/watch/samples.ts'
import { indexesQuery } from './indexes.ts'
import { INDEX_BUILDS, type IndexBuildRow, rows, WATCH_MARK } from './queries.ts'

/** Indexes of one inventory. Of more there is none: half of a list would tell of changes that were not. */
const MAX_INVENTORY_INDEXES = 5000

/** Settings that decide how statements are planned, how many can run, what memory they get and when they are ended. */
const INVENTORIED_SETTINGS: readonly string[] = [
  // Planning.
  'autovacuum',
  'default_statistics_target',
  'effective_cache_size',
  'effective_io_concurrency',
  'enable_bitmapscan',
  'enable_hashagg',
  'enable_hashjoin',
  'enable_indexonlyscan',
  'enable_indexscan',
  'enable_mergejoin',
  'enable_nestloop',
  'enable_seqscan',
  'enable_sort',
  'from_collapse_limit',
  'jit',
  'join_collapse_limit',
  'max_parallel_workers_per_gather',
  'plan_cache_mode',
  'random_page_cost',
  'seq_page_cost',
  // Connections.
  'max_connections',
  'reserved_connections',
  'superuser_reserved_connections',
  // Memory.
  'hash_mem_multiplier',
  'maintenance_work_mem',
  'shared_buffers',
  'temp_file_limit',
  'work_mem',
  // Time-outs.
  'deadlock_timeout',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'lock_timeout',
  'statement_timeout',
  'transaction_timeout',
]

/** What a session gets, whatever the watch has set for its own. */
const DEFAULTS = `
select name, case when unit is null or reset_val like '-%' then reset_val
                  when unit = '8kB' then reset_val::bigint * 8 || ' kB'
                  else reset_val || ' ' || unit end as value
from pg_settings where name = any ($1)`

/** What ALTER DATABASE and ALTER ROLE have set; a session that is open already does not see it in its own settings. */
const OF_ROLES = `
select split_part(entry, '=', 1) || ' (' || case
         when r.rolname is not null then 'role ' || r.rolname || case when s.setdatabase = 0 then '' else ' in this database' end
         when s.setdatabase = 0 then 'all roles' else 'this database' end || ')',
       substr(entry, strpos(entry, '=') + 1)
from pg_db_role_setting s cross join unnest(s.setconfig) entry left join pg_roles r on r.oid = s.setrole
where s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
  and split_part(entry, '=', 1) = any ($1)`

/** The size is that of the catalog: pg_relation_size would wait for whoever has locked the index. */
const INDEXES = indexesQuery({
  limit: MAX_INVENTORY_INDEXES + 1,
  also: [
    `i.relpages::float8 * current_setting('block_size')::int as "sizeBytes"`,
    'pg_stat_get_numscans(i.oid)::float8 as scans',
  ],
})

/** The builds are read last: a build that had begun when the catalog was read, and has not ended, is among them. */
const INVENTORY = `select ${WATCH_MARK}
  (select json_object_agg(name, value order by name) from (${DEFAULTS} union all ${OF_ROLES}) s) as settings,
  ${rows(INDEXES)} as indexes,
  ${rows(INDEX_BUILDS)} as "indexBuilds"`

interface InventoryRow {
  readonly settings: Readonly<Record<string, string>>
  readonly indexes: readonly (Omit<InventoriedIndex, 'definition'> & { readonly definition: string | null })[]
  readonly indexBuilds: readonly IndexBuildRow[]
}

/** An inventory, and the builds under way when it was taken: what they build is not valid yet. */
export interface TakenInventory {
  readonly inventory: DatabaseInventory
  readonly indexBuilds: readonly IndexBuildRow[]
}

/** @throws Error when there are more than MAX_INVENTORY_INDEXES, and the driver's error when a table is locked for long */
export async function readInventory(client: pg.Client): Promise<TakenInventory> {
  const [row] = (await client.query<InventoryRow>(INVENTORY, [INVENTORIED_SETTINGS])).rows
  if (row === undefined) throw new Error('the server gave no row')
  if (row.indexes.length > MAX_INVENTORY_INDEXES) throw new Error(`more than ${MAX_INVENTORY_INDEXES} indexes`)
  const indexes = row.indexes.flatMap(({ definition, ...index }) =>
    definition === null ? [] : [{ ...index, definition }],
  )
  return { inventory: { settings: row.settings, indexes }, indexBuilds: row.indexBuilds }
}
