/**
 * Statistics as another ANALYZE of the same rows might have found them. It looks at 300 × statistics target rows: a share p of
 * them has the standard error √(p(1−p)/n) (binomial; sampling without replacement from small tables has less).
 */
import { type Prng, prng } from '../../../base/prng.ts'
import type { ColumnStatistics } from '../../../core/check/snapshot.ts'
import { arrayOf, elementsOf } from '../connection.ts'

/** Rows that ANALYZE samples per unit of the statistics target (std_typanalyze). */
const ROWS_PER_TARGET = 300
const DEFAULT_TARGET = 100
/**
 * Relative error of the estimated number of different values (Haas and Stokes' Duj1) where most values are seen once or twice
 * in the sample: Haas et al., "Sampling-based estimation of the number of distinct values", VLDB 1995, give 10 to 30 %.
 */
const DISTINCT_ERROR = 0.2

/** What the sampling error depends on. */
export interface Sampling {
  readonly seed: number
  /** Rows of the table. */
  readonly rows: number
  /** default_statistics_target. Default 100. */
  readonly target?: number
}

/** Box and Muller's transformation. */
const normal = (random: Prng): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())

/** The same seed gives the same statistics. What a sample cannot get wrong (a unique column, a type's width) stays. */
export function jittered(statistics: ColumnStatistics, sampling: Sampling): ColumnStatistics {
  const random = prng(seedOf(sampling.seed, statistics.column))
  const sample = Math.max(1, Math.min(sampling.rows, ROWS_PER_TARGET * (sampling.target ?? DEFAULT_TARGET)))
  // Of a small table ANALYZE reads every row: nothing is left to chance.
  const finite = sampling.rows <= sample ? 0 : Math.sqrt(1 - sample / sampling.rows)
  const share = (p: number) => Math.min(1, Math.max(0, p + finite * normal(random) * Math.sqrt((p * (1 - p)) / sample)))
  const nullFrac = share(statistics.nullFrac)
  const freqs = statistics.mostCommonFreqs?.map(share) ?? null
  const total = (freqs ?? []).reduce((sum, one) => sum + one, nullFrac)
  return {
    ...statistics,
    nullFrac,
    nDistinct: distinct(statistics, finite * normal(random)),
    correlation: correlation(statistics.correlation, (finite * normal(random)) / Math.sqrt(sample)),
    mostCommonFreqs:
      freqs === null || total <= 1 ? freqs : freqs.map((one) => (one * (1 - nullFrac)) / (total - nullFrac)),
    mostCommonElemFreqs: elementFrequencies(statistics.mostCommonElemFreqs, share),
    histogramBounds: bounds(statistics.histogramBounds, (at) => finite * normal(random) * at(sample)),
  }
}

/** A column gets its own sequence of numbers, so that dropping one leaves the others as they were. */
function seedOf(seed: number, name: string): number {
  let hash = seed >>> 0
  for (let at = 0; at < name.length; at += 1) hash = (Math.imul(hash ^ name.charCodeAt(at), 0x01000193) + at) >>> 0
  return hash
}

function distinct({ nDistinct, histogramBounds, mostCommonVals }: ColumnStatistics, error: number): number {
  const complete = histogramBounds === null && mostCommonVals !== null
  if (nDistinct === -1 || nDistinct === 0 || complete) return nDistinct
  const changed = nDistinct * Math.exp(DISTINCT_ERROR * error)
  return nDistinct < 0 ? Math.max(-1, changed) : Math.max(1, Math.round(changed))
}

const correlation = (value: number | null, error: number): number | null =>
  value === null ? null : Math.min(1, Math.max(-1, value + (1 - value * value) * error))

/** The last numbers are the least and the greatest frequency (and that of NULL elements): they follow the others. */
function elementFrequencies(freqs: readonly number[] | null, share: (p: number) => number): readonly number[] | null {
  if (freqs === null || freqs.length < 3) return freqs
  const further = freqs.length % 2 === 0 ? 2 : 3
  const elements = freqs.slice(0, -further).map(share)
  return [...elements, Math.min(...elements), Math.max(...elements), ...freqs.slice(freqs.length - further + 2)]
}

/** Each bound moves by the error of its quantile, to the nearest bound that is known. The ends stay. */
function bounds(array: string | null, error: (at: (sample: number) => number) => number): string | null {
  const values = elementsOf(array)
  const last = values.length - 1
  if (array === null || last < 2) return array
  const positions = values.map((_, index) => {
    const quantile = index / last
    const moved = index + error((sample) => last * Math.sqrt((quantile * (1 - quantile)) / sample))
    return index === 0 || index === last ? index : Math.min(last, Math.max(0, Math.round(moved)))
  })
  if (positions.every((position, index) => position === index)) return array
  return arrayOf(positions.sort((a, b) => a - b).map((position) => values[position] ?? ''))
}
