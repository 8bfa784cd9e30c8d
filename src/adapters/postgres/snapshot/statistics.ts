import type { ColumnStatistics } from '../../../core/check/snapshot.ts'
import type { FoundRelation } from './relations.ts'
import { userSchema } from './scope.ts'
import type { Session } from './session.ts'

type Row = Omit<ColumnStatistics, 'low' | 'high'> & { readonly schema: string; readonly relation: string }

/** PostgreSQL 17 shows what it knows of ranges; before, nobody but a superuser sees that. */
const RANGES_SINCE = 170_000

const question = (version: number) => `
  select s.schemaname as schema, s.tablename as relation, s.attname as column, s.inherited,
    s.null_frac::float8 as "nullFrac", s.avg_width as "avgWidth", s.n_distinct::float8 as "nDistinct",
    s.correlation::float8 as correlation, s.most_common_vals::text as "mostCommonVals",
    s.most_common_freqs::float8[] as "mostCommonFreqs", s.histogram_bounds::text as "histogramBounds",
    s.most_common_elems::text as "mostCommonElems", s.most_common_elem_freqs::float8[] as "mostCommonElemFreqs",
    s.elem_count_histogram::float8[] as "elemCountHistogram",
    ${
      version >= RANGES_SINCE
        ? `s.range_length_histogram::text as "rangeLengthHistogram", s.range_empty_frac::float8 as "rangeEmptyFrac",
    s.range_bounds_histogram::text as "rangeBoundsHistogram"`
        : 'null::text as "rangeLengthHistogram", null::float8 as "rangeEmptyFrac", null::text as "rangeBoundsHistogram"'
    }
  from pg_stats s
  join pg_namespace n on n.nspname = s.schemaname
  join pg_class c on c.relnamespace = n.oid and c.relname = s.tablename
  join pg_attribute a on a.attrelid = c.oid and a.attname = s.attname
  where ${userSchema('n')}
  order by n.nspname collate "C", c.relname collate "C", a.attnum, s.inherited`

const HIDDEN = `
  select n.nspname as schema, c.relname as name,
    has_table_privilege(c.oid, 'select') or has_any_column_privilege(c.oid, 'select') as readable
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'm') and c.relpersistence <> 't' and ${userSchema('n')}
    and (not has_table_privilege(c.oid, 'select') or c.relrowsecurity and row_security_active(c.oid))
  order by 1, 2`

/** pg_stats leaves out what the role may not read, without a word: this tells. */
async function tellHidden(session: Session, relations: readonly FoundRelation[]): Promise<void> {
  const known = new Set(relations.map(({ schema, name }) => `${schema}.${name}`))
  const rows = (await session.ask<{ schema: string; name: string; readable: boolean }>(HIDDEN)).filter((row) =>
    known.has(`${row.schema}.${row.name}`),
  )
  const say = (list: readonly { schema: string; name: string }[], why: string, grant: string) => {
    if (list.length === 0) return
    const shown = list.slice(0, 3).map(({ schema, name }) => `${schema}.${name}`)
    const more = list.length > 3 ? ` and ${list.length - 3} more` : ''
    session.missing.push({ what: `column statistics of ${shown.join(', ')}${more}`, why, grant })
  }
  const grant =
    session.version >= 140_000
      ? `GRANT pg_read_all_data TO ${session.role}`
      : [...new Set(rows.map(({ schema }) => schema))]
          .map(
            (name) =>
              `GRANT USAGE ON SCHEMA "${name.replaceAll('"', '""')}" TO ${session.role}; GRANT SELECT ON ALL TABLES IN SCHEMA "${name.replaceAll('"', '""')}" TO ${session.role}`,
          )
          .join('; ')
  say(
    rows.filter(({ readable }) => !readable),
    'pg_stats shows the statistics of readable columns only',
    grant,
  )
  say(
    rows.filter(({ readable }) => readable),
    'pg_stats shows no statistics of tables whose rows are hidden by policies or whose columns are readable in part',
    `${grant}; ALTER ROLE ${session.role} BYPASSRLS`,
  )
}

/** Statistics by `schema.relation`, columns in the table's order. */
export async function findStatistics(
  session: Session,
  relations: readonly FoundRelation[],
): Promise<ReadonlyMap<string, readonly ColumnStatistics[]>> {
  const rows = await session.ask<Row>(question(session.version))
  await tellHidden(session, relations)
  const found = new Map<string, ColumnStatistics[]>()
  for (const { schema, relation, ...statistics } of rows) {
    const key = `${schema}.${relation}`
    const list = found.get(key) ?? []
    list.push({ ...statistics, low: null, high: null })
    found.set(key, list)
  }
  return found
}
