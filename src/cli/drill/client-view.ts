/** The traffic's own running view: what was sent and what became of it, second by second. */
import type { EpochMs } from '../../base/time.ts'
import type { RequestOutcome } from '../../core/rehearse/load.ts'

/** Outcomes kept; at 60 requests a second this is over an hour. */
const MAX_OUTCOMES = 250_000

export interface ClientView {
  readonly outcomes: readonly RequestOutcome[]
  add(outcome: RequestOutcome): void
  /** Requests that ended in [from, to), their failures, and the 95th percentile of their latency in milliseconds, null for none. */
  between(
    from: EpochMs,
    to: EpochMs,
  ): { readonly requests: number; readonly failed: number; readonly p95Ms: number | null }
}

/** An empty view. */
export function createClientView(): ClientView {
  const outcomes: RequestOutcome[] = []
  return {
    outcomes,
    add(outcome) {
      if (outcomes.length < MAX_OUTCOMES) outcomes.push(outcome)
    },
    between(from, to) {
      const latencies: number[] = []
      let failed = 0
      // Outcomes arrive in the order they end: the newest are at the back.
      for (let i = outcomes.length - 1; i >= 0; i--) {
        const outcome = outcomes[i]
        if (!outcome || outcome.finishedAt < from) break
        if (outcome.finishedAt >= to) continue
        latencies.push(outcome.latency)
        if (outcome.result === 'failed' || outcome.result === 'dropped') failed += 1
      }
      latencies.sort((a, b) => a - b)
      return { requests: latencies.length, failed, p95Ms: latencies[Math.floor(latencies.length * 0.95)] ?? null }
    },
  }
}
