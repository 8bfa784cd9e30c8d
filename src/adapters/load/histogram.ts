/** Latencies as an HdrHistogram: a fixed amount of memory, mergeable over processes, 0.1 % exact. */
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js'
import { Problem } from '../../base/problem.ts'
import { type DurationMs, ms } from '../../base/time.ts'

/** Recorded in microseconds; what is longer counts as this long. */
const LONGEST_MICROSECONDS = 600_000_000
/** 3 digits: 0.1 %, about 80 kB a histogram. 2 digits: 1 %, about 10 kB. */
export type Digits = 2 | 3

/** Latencies in milliseconds at 50, 90, 95, 99 and 99.9 % of the requests, and the highest. */
export interface Percentiles {
  readonly p50: DurationMs
  readonly p90: DurationMs
  readonly p95: DurationMs
  readonly p99: DurationMs
  readonly p999: DurationMs
  readonly max: DurationMs
}

/** Counts of latencies in buckets whose width grows with the latency. */
export interface LatencyHistogram {
  /** @param latency milliseconds; negative counts as 0, more than 10 minutes as 10 minutes. */
  record(latency: DurationMs): void
  /** All 0 while nothing is recorded. */
  percentiles(): Percentiles
  /** @param percent 0 to 100. */
  at(percent: number): DurationMs
  count(): number
  /** Adds the other's counts to this one. */
  add(other: LatencyHistogram): void
  reset(): void
  /** HdrHistogram V2, compressed, Base64: what HdrHistogram's libraries for other languages read too. */
  encode(): string
  readonly raw: Histogram
}

/** An empty one. @param digits default 3 */
export const latencyHistogram = (digits: Digits = 3): LatencyHistogram => around(empty(digits))

/** @throws Problem `invalid-histogram` when the text is no HdrHistogram. */
export function decodeHistogram(text: string): LatencyHistogram {
  const sum = latencyHistogram()
  try {
    sum.raw.add(decodeFromCompressedBase64(text))
  } catch (cause) {
    throw new Problem({
      code: 'invalid-histogram',
      what: `A result of a load generator holds a histogram that cannot be read: "${text.slice(0, 40)}".`,
      remedy: 'Take the result file of a generator of this version, whole.',
      cause,
    })
  }
  return sum
}

/** The histogram of many generators' requests together, from their encoded ones. @throws Problem `invalid-histogram` */
export function mergeHistograms(encoded: readonly string[]): LatencyHistogram {
  const sum = latencyHistogram()
  for (const text of encoded) sum.add(decodeHistogram(text))
  return sum
}

const empty = (digits: Digits) =>
  build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_MICROSECONDS,
    numberOfSignificantValueDigits: digits,
    bitBucketSize: 32,
    autoResize: false,
  })

function around(raw: Histogram): LatencyHistogram {
  const at = (percent: number) => ms(raw.totalCount === 0 ? 0 : raw.getValueAtPercentile(percent) / 1000)
  return {
    raw,
    at,
    record: (latency) => raw.recordValue(Math.min(LONGEST_MICROSECONDS, Math.max(0, Math.round(latency * 1000)))),
    percentiles: () => ({
      p50: at(50),
      p90: at(90),
      p95: at(95),
      p99: at(99),
      p999: at(99.9),
      max: ms(raw.maxValue / 1000),
    }),
    count: () => raw.totalCount,
    add: (other) => raw.add(other.raw),
    reset: () => raw.reset(),
    encode: () => encodeIntoCompressedBase64(raw),
  }
}
