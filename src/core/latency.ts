/** Latency histograms: the buckets that all services share, and what is read from them. */

/** Upper bounds of the latency buckets in milliseconds; one more bucket holds what is slower. */
export const LATENCY_BOUNDS_MS = [
  1, 2, 5, 10, 20, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 7500, 10_000, 15_000, 20_000,
  30_000,
] as const

/** Adds bucket counts, bucket by bucket. */
export function mergeLatency(histograms: readonly (readonly number[])[]): readonly number[] {
  const merged = new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0)
  for (const histogram of histograms) {
    for (let bucket = 0; bucket < merged.length; bucket++) {
      merged[bucket] = (merged[bucket] ?? 0) + (histogram[bucket] ?? 0)
    }
  }
  return merged
}

/**
 * The `q`-quantile in milliseconds, linear inside its bucket as Prometheus' `histogram_quantile` does it.
 * What is slower than the last bound counts as that bound (30 s). Null when the histogram is empty.
 * @param q 0 to 1
 */
export function latencyQuantile(histogram: readonly number[], q: number): number | null {
  const total = histogram.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  const rank = q * total
  let below = 0
  for (let bucket = 0; bucket < LATENCY_BOUNDS_MS.length; bucket++) {
    const count = histogram[bucket] ?? 0
    const upper = LATENCY_BOUNDS_MS[bucket] ?? 0
    if (count > 0 && below + count >= rank) {
      const lower = LATENCY_BOUNDS_MS[bucket - 1] ?? 0
      return lower + (upper - lower) * Math.max(0, (rank - below) / count)
    }
    below += count
  }
  return LATENCY_BOUNDS_MS[LATENCY_BOUNDS_MS.length - 1] ?? null
}

/** Requests that were certainly slower than `objectiveMs`: exact where it is a bound, else from the next bound on. */
export function slowerThan(histogram: readonly number[], objectiveMs: number): number {
  let slow = 0
  for (let bucket = 1; bucket <= LATENCY_BOUNDS_MS.length; bucket++) {
    if ((LATENCY_BOUNDS_MS[bucket - 1] ?? 0) >= objectiveMs) slow += histogram[bucket] ?? 0
  }
  return slow
}
