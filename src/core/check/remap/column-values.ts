/** The values that the statistics of a column hold: to look at, to replace, to leave out. */
import type { ColumnStatistics } from '../snapshot.ts'
import { parseArray, printArray } from './array-text.ts'
import type { ColumnFacts } from './facts.ts'

/** `["2024-01-01 00:00:00+00",)`, `[1,5)`, `empty`. */
const RANGE = /^([[(])("(?:[^"\\]|\\.|"")*"|[^,"]*),("(?:[^"\\]|\\.|"")*"|[^,"]*)([\])])$/

const plain = (bound: string): string =>
  bound.replace(/^"|"$/g, '').replaceAll(/\\(.)|""/g, (all, one) => one ?? all[0])

/** Applies `change` to what stands in a value: the value itself, an array's elements, a range's ends. */
function changed(value: string, shape: ColumnFacts['shape'], change: (value: string) => string): string {
  if (shape === 'array') return printArray(parseArray(value).map((one) => (one === null ? null : change(one))))
  if (shape !== 'range') return change(value)
  const found = RANGE.exec(value)
  if (found === null) return value
  const [, open = '[', low = '', high = '', close = ')'] = found
  const end = (text: string) => (text === '' ? '' : change(plain(text)))
  return `${open}${end(low)},${end(high)}${close}`
}

const list = (text: string | null, change: (value: string) => string): string | null =>
  text === null ? null : printArray(parseArray(text).map((one) => (one === null ? null : change(one))))

/** The statistics with every value replaced. Lengths of ranges keep three digits. */
export function mapValues(
  statistics: ColumnStatistics,
  shape: ColumnFacts['shape'],
  change: (value: string) => string,
): ColumnStatistics {
  const whole = (value: string) => changed(value, shape, change)
  const short = (value: string) =>
    Number.isFinite(Number(value)) ? String(Number(Number(value).toPrecision(3))) : value
  return {
    ...statistics,
    mostCommonVals: list(statistics.mostCommonVals, whole),
    histogramBounds: list(statistics.histogramBounds, whole),
    mostCommonElems: list(statistics.mostCommonElems, change),
    rangeBoundsHistogram: list(statistics.rangeBoundsHistogram, whole),
    rangeLengthHistogram: list(statistics.rangeLengthHistogram, short),
    low: statistics.low === null ? null : whole(statistics.low),
    high: statistics.high === null ? null : whole(statistics.high),
  }
}

/** Every value in it. */
export function valuesOf(statistics: ColumnStatistics, shape: ColumnFacts['shape']): readonly string[] {
  const found: string[] = []
  mapValues(statistics, shape, (value) => {
    found.push(value)
    return value
  })
  return found
}

/** The statistics without values: how many are null, how wide and how many different ones there are stays. */
export const withoutValues = (statistics: ColumnStatistics): ColumnStatistics => ({
  ...statistics,
  mostCommonVals: null,
  mostCommonFreqs: null,
  histogramBounds: null,
  mostCommonElems: null,
  mostCommonElemFreqs: null,
  rangeLengthHistogram: null,
  rangeEmptyFrac: null,
  rangeBoundsHistogram: null,
  low: null,
  high: null,
})
