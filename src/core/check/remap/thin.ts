/** Keeps a snapshot small: what is known of a small table need not be finer than its plans can be. */
import type { ColumnStatistics, RelationSnapshot } from '../snapshot.ts'
import { parseArray, printArray } from './array-text.ts'

/** A bucket of a histogram that stands for fewer rows changes no plan. */
const ROWS_PER_BUCKET = 1000
const FEWEST_BUCKETS = 4
/** Of a table with fewer rows only so many common values are kept, the most common. */
const SMALL_TABLE_ROWS = 5000
const COMMON_OF_SMALL = 6
/** ANALYZE reads all rows of a table of this size or less: then the histogram's ends are the real ones. */
const SAMPLED_ROWS = 30_000

/** Every n-th bound, the ends always among them: equal shares of the rows stay equal. */
function fewerBounds(text: string | null, buckets: number): string | null {
  if (text === null) return null
  const bounds = parseArray(text)
  const last = bounds.length - 1
  if (last <= buckets) return text
  return printArray(Array.from({ length: buckets + 1 }, (_, at) => bounds[Math.round((at * last) / buckets)] ?? null))
}

function fewerCommon(column: ColumnStatistics): ColumnStatistics {
  if (column.mostCommonVals === null || column.mostCommonFreqs === null) return column
  // PostgreSQL keeps them sorted by frequency. A list that is complete must stay so: what is not in it does not exist.
  const complete = column.histogramBounds === null && column.nDistinct === column.mostCommonFreqs.length
  if (complete && column.mostCommonFreqs.length <= 3 * COMMON_OF_SMALL) return column
  const values = parseArray(column.mostCommonVals).slice(0, COMMON_OF_SMALL)
  return {
    ...column,
    mostCommonVals: printArray(values),
    mostCommonFreqs: column.mostCommonFreqs.slice(0, COMMON_OF_SMALL),
  }
}

/** A list of counts that are all alike says the same with two. */
function fewerCounts(counts: readonly number[] | null, buckets: number): readonly number[] | null {
  if (counts === null) return null
  // The last one is the average.
  const [histogram, average] = [counts.slice(0, -1), counts.slice(-1)]
  const last = histogram.length - 1
  const few = histogram[0] === histogram[last] ? 1 : buckets
  if (last <= few) return counts
  return [...Array.from({ length: few + 1 }, (_, at) => histogram[Math.round((at * last) / few)] ?? 0), ...average]
}

/** The relation with as much detail as its size (that of the table, for an index) needs. */
export function thinStatistics(relation: RelationSnapshot): RelationSnapshot {
  const rows = Math.max(relation.reltuples, 0)
  const buckets = Math.max(FEWEST_BUCKETS, Math.floor(rows / ROWS_PER_BUCKET))
  const columns = relation.columns.map((column) => {
    const thinned = rows < SMALL_TABLE_ROWS && relation.kind !== 'p' ? fewerCommon(column) : column
    const few = relation.kind === 'p' ? Number.MAX_SAFE_INTEGER : buckets
    return {
      ...thinned,
      histogramBounds: fewerBounds(column.histogramBounds, few),
      ...(rows <= SAMPLED_ROWS && column.histogramBounds !== null ? { low: null, high: null } : {}),
      elemCountHistogram: fewerCounts(column.elemCountHistogram, few),
    }
  })
  return { ...relation, columns }
}
