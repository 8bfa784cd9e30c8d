/** Planner statistics as calls of pg_restore_relation_stats and pg_restore_attribute_stats (PostgreSQL 18). */
import type { ColumnStatistics } from '../../core/check/snapshot.ts'
import { type Connection, inChunks, literal, messageOf } from './connection.ts'

/** Calls that are sent as one statement. */
const CALLS_TOGETHER = 100

/** A call, and of what it restores the statistics. */
export interface Restore {
  readonly subject: string
  readonly sql: string
}

/** What was not taken, and why. */
export interface Refused {
  readonly object: string
  readonly reason: string
}

interface Target {
  readonly schema: string
  readonly name: string
}

const named = ({ schema, name }: Target) => `'schemaname', ${literal(schema)}, 'relname', ${literal(name)}`

/** @param sizes as in pg_class */
export function relationRestore(
  target: Target,
  sizes: { readonly relpages: number; readonly reltuples: number; readonly relallvisible: number },
): Restore {
  const values = `'relpages', ${Math.round(sizes.relpages)}::integer, 'reltuples', ${real(sizes.reltuples)},
    'relallvisible', ${Math.round(sizes.relallvisible)}::integer`
  return {
    subject: `sizes of ${target.schema}.${target.name}`,
    sql: `pg_catalog.pg_restore_relation_stats(${named(target)}, ${values})`,
  }
}

/** JavaScript's shortest form of a number is one that PostgreSQL reads. */
const real = (value: number): string => `'${value}'::real`
const reals = (values: readonly number[] | null): string | null =>
  values === null ? null : `'{${values.join(',')}}'::real[]`
const text = (value: string | null): string | null => (value === null ? null : `${literal(value)}::text`)

/** A column's statistics. */
export function columnRestore(target: Target, statistics: ColumnStatistics): Restore {
  const values: readonly (readonly [string, string | null])[] = [
    ['null_frac', real(statistics.nullFrac)],
    ['avg_width', `${Math.round(statistics.avgWidth)}::integer`],
    ['n_distinct', real(statistics.nDistinct)],
    ['correlation', statistics.correlation === null ? null : real(statistics.correlation)],
    ['most_common_vals', text(statistics.mostCommonVals)],
    ['most_common_freqs', reals(statistics.mostCommonVals === null ? null : statistics.mostCommonFreqs)],
    ['histogram_bounds', text(statistics.histogramBounds)],
    ['most_common_elems', text(statistics.mostCommonElems)],
    ['most_common_elem_freqs', reals(statistics.mostCommonElems === null ? null : statistics.mostCommonElemFreqs)],
    ['elem_count_histogram', reals(statistics.elemCountHistogram)],
    ['range_length_histogram', text(statistics.rangeLengthHistogram)],
    [
      'range_empty_frac',
      statistics.rangeLengthHistogram === null || statistics.rangeEmptyFrac === null
        ? null
        : real(statistics.rangeEmptyFrac),
    ],
    ['range_bounds_histogram', text(statistics.rangeBoundsHistogram)],
  ]
  const given = values.filter(([, value]) => value !== null).map(([name, value]) => `'${name}', ${value}`)
  const where = `${named(target)}, 'attname', ${literal(statistics.column)}, 'inherited', ${statistics.inherited}`
  return {
    subject: `statistics of ${target.schema}.${target.name}.${statistics.column}`,
    sql: `pg_catalog.pg_restore_attribute_stats(${where}, ${given.join(', ')})`,
  }
}

/**
 * Restores many, in groups; a group that PostgreSQL refuses or warns about is done again one by one, so that it is known
 * which of them it was.
 */
export async function restoreAll(connection: Connection, restores: readonly Restore[]): Promise<readonly Refused[]> {
  const refused: Refused[] = []
  for (const group of inChunks(restores, CALLS_TOGETHER)) {
    const problem = await attempt(connection, group.map(({ sql }) => sql).join(', '))
    if (problem === null) continue
    for (const { subject, sql } of group) {
      const reason = await attempt(connection, sql)
      if (reason !== null) refused.push({ object: subject, reason })
    }
  }
  return refused
}

async function attempt(connection: Connection, calls: string): Promise<string | null> {
  connection.warnings()
  try {
    await connection.client.query(`select ${calls}`)
    return connection.warnings()[0] ?? null
  } catch (error) {
    return messageOf(error)
  }
}
