/** The last few seconds of a load, for a live view: a fixed ring of one-second slots, whatever the rate. */
import type { DurationMs } from '../../base/time.ts'
import { share } from '../../base/units.ts'
import { type LatencyHistogram, latencyHistogram } from './histogram.ts'

/** What the last seconds came to. */
export interface RecentTraffic {
  /** Requests that ended, dropped ones included. */
  readonly requests: number
  /** Failed or dropped, in percent of them. */
  readonly errorRatePercent: number
  /** Of the requests that were sent; 0 when none ended. */
  readonly p95Ms: DurationMs
}

interface Slot {
  second: number
  requests: number
  bad: number
  readonly latency: LatencyHistogram
}

/** @param seconds how many to keep, ≥ 1. */
export function recentTraffic(seconds: number) {
  const slots: Slot[] = Array.from({ length: seconds + 1 }, () => ({
    second: -1,
    requests: 0,
    bad: 0,
    latency: latencyHistogram(2),
  }))
  const sum = latencyHistogram(2)

  function slotAt(monotonic: number): Slot | undefined {
    const second = Math.floor(monotonic / 1000)
    const slot = slots[second % slots.length]
    if (slot && slot.second !== second) {
      slot.second = second
      slot.requests = 0
      slot.bad = 0
      slot.latency.reset()
    }
    return slot
  }

  return {
    /** @param latency null for a request that was never sent. */
    record(entry: { readonly at: number; readonly bad: boolean; readonly latency: DurationMs | null }): void {
      const slot = slotAt(entry.at)
      if (!slot) return
      slot.requests++
      if (entry.bad) slot.bad++
      if (entry.latency !== null) slot.latency.record(entry.latency)
    },
    /** The last full seconds and the current one. @param at monotonic milliseconds */
    read(at: number): RecentTraffic {
      const now = Math.floor(at / 1000)
      const live = slots.filter((slot) => slot.second >= 0 && slot.second <= now && now - slot.second <= seconds)
      sum.reset()
      for (const slot of live) sum.add(slot.latency)
      const requests = live.reduce((total, slot) => total + slot.requests, 0)
      const bad = live.reduce((total, slot) => total + slot.bad, 0)
      return { requests, errorRatePercent: share({ part: bad, whole: requests }), p95Ms: sum.at(95) }
    },
  }
}
