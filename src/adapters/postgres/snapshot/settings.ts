import type { SettingOverride, SettingSnapshot, Snapshot } from '../../../core/check/snapshot.ts'
import type { Session } from './session.ts'

/** Settings outside PostgreSQL's own group "Query Tuning" on which plans, durations or locks depend. */
const FURTHER = [
  'work_mem',
  'hash_mem_multiplier',
  'maintenance_work_mem',
  'max_parallel_workers',
  'max_parallel_workers_per_gather',
  'max_parallel_maintenance_workers',
  'parallel_leader_participation',
  'max_worker_processes',
  'shared_buffers',
  'temp_buffers',
  'effective_io_concurrency',
  'default_statistics_target',
  'search_path',
  'lock_timeout',
  'statement_timeout',
  'idle_in_transaction_session_timeout',
  'default_transaction_isolation',
  'row_security',
  'block_size',
  'timezone',
  'datestyle',
  'lc_collate',
  'default_text_search_config',
  'track_activity_query_size',
]

/** What premortem sets for its own session: these are read as the session would have begun. */
const OWN = [
  'search_path',
  'lock_timeout',
  'statement_timeout',
  'idle_in_transaction_session_timeout',
  'row_security',
  'jit',
  'TimeZone',
  'DateStyle',
]

const list = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ')
const WANTED = `(s.category like 'Query Tuning%' or lower(s.name) in (${list(FURTHER)}))`

const SETTINGS = `
  select s.name, case when s.name in (${list(OWN)}) then s.reset_val || coalesce(s.unit, '') else current_setting(s.name) end as value
  from pg_settings s where ${WANTED} order by s.name collate "C"`

const OVERRIDES = `
  select r.rolname as role, s.setdatabase <> 0 as "inDatabase",
    (select coalesce(json_agg(json_build_object('name', x.name, 'value', x.value) order by x.name collate "C"), '[]')
      from (select split_part(e, '=', 1) as name, substr(e, strpos(e, '=') + 1) as value from unnest(s.setconfig) e) x
      where exists (select from pg_settings s where lower(s.name) = lower(x.name) and ${WANTED})) as settings
  from pg_db_role_setting s
  left join pg_roles r on r.oid = s.setrole
  where (s.setrole = 0 or r.oid is not null)
    and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
  order by r.rolname collate "C" nulls first, 2`

const CONNECTIONS = `
  select coalesce(max(setting::int) filter (where name = 'max_connections'), 0) as max,
    coalesce(max(setting::int) filter (where name = 'superuser_reserved_connections'), 0) as "superuserReserved",
    coalesce(max(setting::int) filter (where name = 'reserved_connections'), 0) as reserved
  from pg_settings where name in ('max_connections', 'superuser_reserved_connections', 'reserved_connections')`

const SERVER = `
  select pg_encoding_to_char(encoding) as encoding, datcollate as collation, datname as database
  from pg_database where datname = current_database()`

/** `ALTER TABLESPACE … SET (random_page_cost = 1.1)`: of the tablespace in which the database's relations are by default. */
const TABLESPACE = `
  select split_part(o, '=', 1) as name, split_part(o, '=', 2) as value
  from pg_database d join pg_tablespace t on t.oid = d.dattablespace, unnest(t.spcoptions) o
  where d.datname = current_database() order by 1`

type Part = Pick<Snapshot, 'server' | 'connections' | 'settings' | 'overrides' | 'tablespaceCosts'>

/**
 * Settings with role and database overrides. Of the overrides only those that are known to matter: a setting of the
 * application's own may be a secret.
 */
export async function readSettings(session: Session): Promise<Part> {
  const [server] = await session.ask<{ encoding: string; collation: string; database: string }>(SERVER)
  const [connections] = await session.ask<Part['connections']>(CONNECTIONS)
  const settings = await session.ask<SettingSnapshot>(SETTINGS)
  const overrides = await session.tryTo<SettingOverride>({
    sql: OVERRIDES,
    what: 'settings of roles and of the database',
    grant: `GRANT SELECT ON pg_catalog.pg_db_role_setting TO ${session.role}`,
  })
  const tablespaceCosts = await session.ask<SettingSnapshot>(TABLESPACE)
  return {
    server: {
      version: session.version,
      encoding: server?.encoding ?? '',
      collation: server?.collation ?? '',
      database: server?.database ?? '',
    },
    connections: connections ?? { max: 0, superuserReserved: 0, reserved: 0 },
    settings,
    overrides: (overrides ?? []).filter((one) => one.settings.length > 0),
    ...(tablespaceCosts.length === 0 ? {} : { tablespaceCosts }),
  }
}
