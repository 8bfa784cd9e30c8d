/** Column statistics as a database has them now, by relation. */
import type pg from 'pg'
import type { ColumnStatistics } from '../../../core/check/snapshot.ts'

const STATISTICS = `
  select c.oid::int8::float8 as relation, s.attname as column, s.inherited, s.null_frac::float8 as "nullFrac",
    s.avg_width as "avgWidth", s.n_distinct::float8 as "nDistinct", s.correlation::float8 as correlation,
    s.most_common_vals::text as "mostCommonVals", s.most_common_freqs::float8[] as "mostCommonFreqs",
    s.histogram_bounds::text as "histogramBounds", s.most_common_elems::text as "mostCommonElems",
    s.most_common_elem_freqs::float8[] as "mostCommonElemFreqs",
    s.elem_count_histogram::float8[] as "elemCountHistogram",
    s.range_length_histogram::text as "rangeLengthHistogram", s.range_empty_frac::float8 as "rangeEmptyFrac",
    s.range_bounds_histogram::text as "rangeBoundsHistogram", null as low, null as high
  from pg_stats s
  join pg_namespace n on n.nspname = s.schemaname
  join pg_class c on c.relnamespace = n.oid and c.relname = s.tablename
  where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`

/** @throws the driver's error */
export async function readStatistics(client: pg.Client): Promise<ReadonlyMap<number, readonly ColumnStatistics[]>> {
  const { rows } = await client.query<ColumnStatistics & { relation: number }>(STATISTICS)
  const found = new Map<number, ColumnStatistics[]>()
  for (const { relation, ...statistics } of rows) {
    const list = found.get(relation)
    if (list === undefined) found.set(relation, [statistics])
    else list.push(statistics)
  }
  return found
}
