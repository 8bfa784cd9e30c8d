import type pg from 'pg'
import type { ColumnStatistics, RelationSnapshot, Snapshot } from '../../src/core/check/snapshot.ts'

const RELATIONS = `select n.nspname as schema, c.relname as name, c.relkind as kind, t.relname as table, c.relpages, c.reltuples,
    c.relallvisible, c.relpages as pages
  from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_index i on i.indexrelid = c.oid
  left join pg_class t on t.oid = i.indrelid
  where n.nspname = any ($1) and c.relkind in ('r', 'p', 'i', 'I', 'm') order by 1, 2`
const COLUMNS = `select schemaname as schema, tablename as table, attname as column, inherited, null_frac as "nullFrac",
    avg_width as "avgWidth", n_distinct as "nDistinct", correlation, most_common_vals::text as "mostCommonVals",
    most_common_freqs as "mostCommonFreqs", histogram_bounds::text as "histogramBounds",
    most_common_elems::text as "mostCommonElems", most_common_elem_freqs as "mostCommonElemFreqs"
  from pg_stats where schemaname = any ($1) order by 1, 2, 3`

type Column = ColumnStatistics & { readonly schema: string; readonly table: string }

/** Sizes and statistics of a small database, as a snapshot; for benchmarks and tests that need no more of it. */
export async function snapshotOf(client: pg.Client, schemas: readonly string[] = ['public']): Promise<Snapshot> {
  const relations = await client.query<RelationSnapshot>(RELATIONS, [schemas])
  const columns = await client.query<Column>(COLUMNS, [schemas])
  const blank = { height: null, scans: null, valid: true, method: null }
  const none = {
    elemCountHistogram: null,
    rangeLengthHistogram: null,
    rangeEmptyFrac: null,
    rangeBoundsHistogram: null,
    low: null,
    high: null,
  }
  return {
    format: 1,
    takenAt: '2026-01-15T12:00:00.000Z',
    values: 'keep',
    server: { version: 180_004, encoding: 'UTF8', collation: 'C', database: 'shop' },
    connections: { max: 100, superuserReserved: 3, reserved: 0 },
    settings: [],
    overrides: [],
    schemaSource: 'catalog',
    schema: [],
    relations: relations.rows.map((relation) => ({
      ...relation,
      ...blank,
      columns: columns.rows
        .filter(({ schema, table }) => schema === relation.schema && table === relation.name)
        .map((column) => ({ ...column, ...none })),
    })),
    sequences: [],
    extendedStatistics: [],
    workload: [],
    workloadMinutes: null,
    appliedMigrations: [],
    missing: [],
  }
}
