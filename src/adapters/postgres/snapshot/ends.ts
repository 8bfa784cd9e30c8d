/** The real ends of columns that lead an index: the planner looks there, and ANALYZE's sample rarely has them. */
import { type DurationMs, ms } from '../../../base/time.ts'
import { codeOf } from '../watched/client.ts'
import { notOfExtension, userSchema } from './scope.ts'
import type { Session } from './session.ts'

/** Where ends were found: `schema.table` and column. */
export interface ColumnEnds {
  readonly relation: string
  readonly column: string
  readonly low: string | null
  readonly high: string | null
}

interface Leading {
  readonly relation: string
  readonly column: string
  /** Quoted. */
  readonly table: string
  readonly name: string
}

/** Columns asked for together; one question holds its locks for as long as all of them take. */
const BATCH = 40
const BATCH_TIMEOUT = ms(400)
const SINGLE_TIMEOUT = ms(60)
/** For all columns together; what is not read by then is left out. */
const ALL_WITHIN: DurationMs = ms(3000)

/** Only indexes whose order is the type's own, over all rows: others cannot answer `order by`. */
const LEADING = `
  select distinct n.nspname || '.' || c.relname as relation, a.attname as column, format('%I.%I', n.nspname, c.relname) as "table",
    quote_ident(a.attname) as name
  from pg_index i
  join pg_class x on x.oid = i.indexrelid join pg_am am on am.oid = x.relam and am.amname = 'btree'
  join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
  join pg_opclass o on o.oid = i.indclass[0] and o.opcdefault
  where c.relkind in ('r', 'm') and c.relpersistence <> 't' and i.indisvalid and i.indpred is null and a.attnum > 0
    and i.indcollation[0] = a.attcollation and c.relpages > 0 and not c.relrowsecurity
    and ${userSchema('n')} and ${notOfExtension('pg_class', 'c.oid')} and has_column_privilege(c.oid, a.attnum, 'select')
    and has_schema_privilege(n.oid, 'usage')
  order by 1, 2`

const one = ({ table, name }: Leading, at: number): string =>
  `select ${at} as at, (select format('%s', ${name}) from ${table} where ${name} is not null order by ${table}.${name} limit 1) as low,
    (select format('%s', ${name}) from ${table} where ${name} is not null order by ${table}.${name} desc limit 1) as high`

const SETTINGS = { enable_seqscan: 'off', enable_sort: 'off', max_parallel_workers_per_gather: '0' }

/** Null when it took too long or was refused: then nothing is known, and nothing is lost. */
async function askFor(
  session: Session,
  columns: readonly Leading[],
  timeout: DurationMs,
): Promise<readonly ColumnEnds[] | null> {
  try {
    const sql = `select at, low, high from (${columns.map(one).join('\nunion all\n')}) ends`
    const rows = await session.ask<{ at: number; low: string | null; high: string | null }>(sql, {
      timeout,
      settings: SETTINGS,
    })
    return rows.flatMap(({ at, low, high }) => {
      const column = columns[at]
      return column === undefined ? [] : [{ relation: column.relation, column: column.column, low, high }]
    })
  } catch (error) {
    if (/^[0-9A-Z]{5}$/.test(codeOf(error))) return null
    throw error
  }
}

/** @param monotonic milliseconds from an arbitrary zero */
export async function readEnds(session: Session, monotonic: () => number): Promise<readonly ColumnEnds[]> {
  const leading = await session.ask<Leading>(LEADING)
  const until = monotonic() + ALL_WITHIN
  const found: ColumnEnds[] = []
  let left = 0
  for (let from = 0; from < leading.length; from += BATCH) {
    const batch = leading.slice(from, from + BATCH)
    const together = monotonic() < until ? await askFor(session, batch, BATCH_TIMEOUT) : null
    if (together !== null) {
      found.push(...together)
      continue
    }
    for (const column of batch) {
      const alone = monotonic() < until ? await askFor(session, [column], SINGLE_TIMEOUT) : null
      if (alone === null) left += 1
      found.push(...(alone ?? []))
    }
  }
  if (left > 0) {
    const why = 'an index did not tell them at once; the ends of the histograms stand in for them'
    session.missing.push({ what: `real ends of ${left} of ${leading.length} indexed columns`, why, grant: null })
  }
  return found
}
