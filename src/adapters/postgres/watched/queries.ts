/** What one tick asks PostgreSQL, as one statement: one round trip, and one snapshot of the activity. */
import { relationName } from './indexes.ts'

/** How the watch's own connections show; they are left out of what it reports. */
export const WATCH_APPLICATION = 'premortem-watch'
/** Statements of the watch itself carry this, so that they can be told apart in `pg_stat_statements`. */
export const WATCH_MARK = '/* premortem-watch */'

export const MAX_ACTIVITY_GROUPS = 500
export const MAX_RUNNING = 200
export const MAX_INDEX_BUILDS = 50
/** Rows of `pg_stat_statements` that are read; its own default maximum is 5,000. */
export const MAX_STATEMENTS_READ = 20_000
/** Characters of a statement's text. */
export const MAX_TEXT_CHARS = 20_000

const sessions = `pg_stat_activity
  where backend_type = 'client backend' and datname = current_database() and application_name <> '${WATCH_APPLICATION}'`

const ACTIVITY = `
select application_name as application, coalesce(state, 'unknown') as state, wait_event_type as "waitEventType",
       wait_event as "waitEvent", count(*)::int as count
from ${sessions}
group by 1, 2, 3, 4
order by 5 desc
limit ${MAX_ACTIVITY_GROUPS}`

const RUNNING = `
select pid, application_name as application, query_id::text as "queryId", left(query, ${MAX_TEXT_CHARS}) as query,
       extract(epoch from query_start)::float8 * 1000 as "startedAt",
       greatest(0, extract(epoch from clock_timestamp() - query_start)::float8 * 1000) as age,
       wait_event_type as "waitEventType", wait_event as "waitEvent"
from ${sessions} and state = 'active' and query_start is not null
order by query_start
limit ${MAX_RUNNING}`

/** What the phases of a build count: blocks of the table while it is scanned, tuples while they are loaded. */
export const INDEX_BUILDS = `
select p.pid, coalesce(${relationName('i', 'n')}, '(not named yet)') as index, ${relationName('t', 'tn')} as "table",
       p.phase, p.lockers_done::int as "lockersDone", p.lockers_total::int as "lockersTotal",
       case when p.phase like '%scanning%' and p.blocks_total > 0 then p.blocks_done::float8 / p.blocks_total
            when p.phase like '%loading tuples%' and p.tuples_total > 0 then p.tuples_done::float8 / p.tuples_total
       end as progress
from pg_stat_progress_create_index p
join pg_class t on t.oid = p.relid
join pg_namespace tn on tn.oid = t.relnamespace
left join pg_class i on i.oid = p.index_relid
left join pg_namespace n on n.oid = i.relnamespace
where p.datname = current_database()
order by p.pid
limit ${MAX_INDEX_BUILDS}`

const CONNECTIONS = `
select (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used,
       current_setting('max_connections')::int as max,
       current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true), '0')::int as reserved`

const EXTENSION = `
select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_stat_statements'`

/** SQL for all rows of a query as one JSON value. */
export const rows = (sql: string): string => `(select coalesce(json_agg(r), '[]') from (${sql}) r)`

/** Quotes a name for SQL. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

function statements(schema: string): string {
  const view = `${quoted(schema)}.pg_stat_statements(false)`
  return `
select queryid::text as "queryId", sum(calls)::float8 as calls, sum(total_exec_time) as "totalMs", sum(rows)::float8 as rows
from ${view}
where dbid = (select oid from pg_database where datname = current_database()) and queryid is not null
group by queryid
limit ${MAX_STATEMENTS_READ}`
}

/** @param schema of the extension `pg_stat_statements`; null when its counts are not to be read */
export function tickQuery(schema: string | null): string {
  const reset = schema === null ? 'null' : `(select stats_reset::text from ${quoted(schema)}.pg_stat_statements_info)`
  return `select ${WATCH_MARK}
  ${rows(ACTIVITY)} as activity,
  ${rows(RUNNING)} as running,
  ${rows(INDEX_BUILDS)} as "indexBuilds",
  (select to_json(r) from (${CONNECTIONS}) r) as connections,
  (${EXTENSION}) as "extensionSchema",
  ${schema === null ? 'null::json' : rows(statements(schema))} as statements,
  ${reset} as "statementsReset"`
}

/** Texts of statements, by id; one that runs in several roles has the same text in each. */
export function textQuery(schema: string): string {
  return `select ${WATCH_MARK} distinct on (queryid) queryid::text as "queryId", left(query, ${MAX_TEXT_CHARS}) as query
from ${quoted(schema)}.pg_stat_statements
where queryid = any ($1::bigint[]) and dbid = (select oid from pg_database where datname = current_database())`
}

/** Sessions of one application in one state. Times in these rows are milliseconds. */
export interface ActivityRow {
  readonly application: string
  readonly state: string
  readonly waitEventType: string | null
  readonly waitEvent: string | null
  readonly count: number
}

/** A statement that runs; `startedAt` since 1970. */
export interface RunningRow {
  readonly pid: number
  readonly application: string
  readonly queryId: string | null
  readonly query: string
  readonly startedAt: number
  readonly age: number
  readonly waitEventType: string | null
  readonly waitEvent: string | null
}

/** An index that is being built; `progress` from 0 to 1 within its phase. */
export interface IndexBuildRow {
  readonly pid: number
  readonly index: string
  readonly table: string
  readonly phase: string
  readonly lockersDone: number
  readonly lockersTotal: number
  readonly progress: number | null
}

/** Counted since the statistics were reset. */
export interface StatementRow {
  readonly queryId: string
  readonly calls: number
  readonly totalMs: number
  readonly rows: number
}

/** The one row of a tick. */
export interface TickRow {
  readonly activity: readonly ActivityRow[]
  readonly running: readonly RunningRow[]
  readonly indexBuilds: readonly IndexBuildRow[]
  readonly connections: { readonly used: number; readonly max: number; readonly reserved: number }
  readonly extensionSchema: string | null
  readonly statements: readonly StatementRow[] | null
  readonly statementsReset: string | null
}
