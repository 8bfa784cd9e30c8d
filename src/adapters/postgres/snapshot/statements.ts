/** The workload that pg_stat_statements has counted. Its text is read once. */

import type { WorkloadQuery } from '../../../core/check/snapshot.ts'
import { type CountedStatement, mergeStatements } from '../../../core/check/workload/counted.ts'
import type { Session } from './session.ts'

/** Rows that are read; the costliest. The view holds 5,000 by default. */
const MAX_ROWS = 20_000
/** A longer text is generated, and nobody reads its plan. Characters. */
const MAX_TEXT = 50_000

/** Queries with their counts, and the longest time in minutes that these cover; null when nothing was counted. */
export interface CountedWorkload {
  readonly workload: readonly WorkloadQuery[]
  readonly workloadMinutes: number | null
}

const NOTHING: CountedWorkload = { workload: [], workloadMinutes: null }

const VIEW = `
  select format('%I.pg_stat_statements', n.nspname) as view, format('%I.pg_stat_statements_info', n.nspname) as info,
    array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
    exists (select from pg_class i where i.relnamespace = n.oid and i.relname = 'pg_stat_statements_info') as "hasInfo"
  from pg_extension e join pg_namespace n on n.oid = e.extnamespace
  join pg_class c on c.relnamespace = n.oid and c.relname = 'pg_stat_statements'
  where e.extname = 'pg_stat_statements'`

interface View {
  readonly view: string
  readonly info: string
  readonly columns: readonly string[]
  readonly hasInfo: boolean
}

/** Older versions of the extension name their columns otherwise, whatever the server's version is. */
function question({ view, info, columns, hasInfo }: View): string {
  const has = (name: string) => columns.includes(name)
  const total = has('total_exec_time') ? 's.total_exec_time' : 's.total_time'
  const reset = hasInfo
    ? `(select i.stats_reset from ${info} i)`
    : 'coalesce((select d.stats_reset from pg_stat_database d where d.datname = current_database()), pg_postmaster_start_time())'
  const since = has('stats_since') ? 's.stats_since' : reset
  return `
    select s.queryid::text as "queryId", r.rolname as role, s.calls::float8 as calls, ${total}::float8 as "totalMs", s.rows::float8 as rows,
      greatest(extract(epoch from now() - ${since}) / 60, 1)::float8 as minutes,
      case when length(s.query) <= ${MAX_TEXT} then s.query end as text, count(*) over ()::int as count
    from ${view} s left join pg_roles r on r.oid = s.userid
    where s.query not like '%/* prem' || 'ortem */%' and s.dbid = (select oid from pg_database where datname = current_database()) ${has('toplevel') ? 'and s.toplevel' : ''}
    order by ${total} desc, s.queryid limit ${MAX_ROWS}`
}

/** What the server said when it hides other roles' texts. */
const HIDDEN = '<insufficient privilege>'

type Row = CountedStatement & { readonly text: string | null; readonly count: number }

function note(session: Session, rows: readonly Row[], left: readonly string[]): void {
  const hidden = rows.filter(({ text }) => text === HIDDEN).length
  if (hidden > 0) {
    session.missing.push({
      what: `texts of ${hidden} statements in pg_stat_statements`,
      why: 'the role may not see the statements of other roles',
      grant: `GRANT pg_read_all_stats TO ${session.role}`,
    })
  }
  const long = rows.filter(({ text }) => text === null).length
  const rest = (rows[0]?.count ?? 0) - rows.length
  const remarks = [
    ...(long > 0 ? [`${long} statements are longer than ${MAX_TEXT.toLocaleString('en')} characters`] : []),
    ...(rest > 0 ? [`${rest} statements took less time than the ${MAX_ROWS.toLocaleString('en')} costliest`] : []),
    ...left,
  ]
  for (const why of remarks) session.missing.push({ what: 'a part of the workload', why, grant: null })
}

/**
 * Statements of this database, merged by fingerprint; utility statements and premortem's own are left out.
 * @param optional true when there is a workload from elsewhere: then nothing is missing without the extension
 */
export async function readStatements(session: Session, optional: boolean): Promise<CountedWorkload> {
  const what = 'the workload of pg_stat_statements'
  const [view] = await session.ask<View>(VIEW)
  if (view === undefined) {
    if (optional) return NOTHING
    const why = 'the extension pg_stat_statements is not installed in this database'
    session.missing.push({ what, why, grant: 'CREATE EXTENSION pg_stat_statements' })
    return NOTHING
  }
  const grant = `GRANT pg_read_all_stats TO ${session.role}`
  const rows = await session.tryTo<Row>({ sql: question(view), what, grant })
  if (rows === null) return NOTHING
  if (!view.hasInfo) {
    const why =
      'this version does not say since when it counts; the last reset of the database, or its start, stands in'
    session.missing.push({ what: 'exact calls per minute', why, grant: null })
  }
  const readable = rows.flatMap((row) => (row.text === null || row.text === HIDDEN ? [] : [{ ...row, text: row.text }]))
  const { queries, remarks } = mergeStatements(readable)
  note(session, rows, remarks)
  const minutes = rows.reduce<number | null>((longest, row) => Math.max(longest ?? 0, row.minutes ?? 0), null)
  return { workload: queries, workloadMinutes: minutes }
}
