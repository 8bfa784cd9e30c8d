import { LATENCY_BOUNDS_MS } from '../../core/watch/samples.ts'

/** Bounds are written in seconds with rounding (`0.1` for 100 ms): equal within this factor. */
const TOLERANCE = 1 + 1e-9

/** The bucket whose bound is the first that covers `seconds`; the last one has no bound. */
function bucketOf(seconds: number): number {
  const index = LATENCY_BOUNDS_MS.findIndex((bound) => seconds * 1000 <= bound * TOLERANCE)
  return index === -1 ? LATENCY_BOUNDS_MS.length : index
}

/**
 * Requests per bucket of LATENCY_BOUNDS_MS, from a histogram's cumulative buckets (bound in seconds → requests at or
 * below it, of the interval). A histogram with other bounds is fitted: a request goes to the bucket that covers its
 * bound, so a latency is never understated. The result adds up to `requests`.
 */
export function latencyBuckets(cumulative: ReadonlyMap<number, number>, requests: number): number[] {
  const buckets = new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0)
  let below = 0
  const add = (index: number, upTo: number) => {
    const count = Math.max(0, Math.min(upTo, requests) - below)
    buckets[index] = (buckets[index] ?? 0) + count
    below += count
  }
  for (const bound of [...cumulative.keys()].filter((key) => !Number.isNaN(key)).sort((a, b) => a - b)) {
    add(bucketOf(bound), cumulative.get(bound) ?? 0)
  }
  add(buckets.length - 1, requests)
  return buckets
}
