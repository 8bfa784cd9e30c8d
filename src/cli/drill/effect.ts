import type { DurationMs, EpochMs } from '../../base/time.ts'
import { ms, plus } from '../../base/time.ts'
import type { Facts } from '../../core/events.ts'

/** What was measured between two instants; null when nothing was sent then. */
export interface Measured {
  readonly errorPercent: number
  readonly requests: number
  /** As `98/99`. */
  readonly pool: string
}

export type ErrorRates = (from: EpochMs, to: EpochMs) => Measured | null

/** Above this the service is not healthy, whatever it was before. Percent. */
const HEALTHY_ERROR_PERCENT = 1
/** A rate of fewer requests says nothing: when all hang, the few that end may be the good ones. */
const LEAST_REQUESTS = 10
/** A change of the rate by less than this part is no change. */
const NOTICEABLE = 0.25

/** Compares the error rate before an attempt with that at its observation, in numbers. */
export function observedEffect(input: {
  readonly rates: ErrorRates
  readonly startedAt: EpochMs
  readonly now: EpochMs
  readonly window: DurationMs
  readonly done: boolean
}): Pick<Facts['attempt.finished'], 'observed' | 'helped'> {
  const back = ms(-input.window)
  const before = input.rates(plus(input.startedAt, back), input.startedAt)
  // The newest half of the window: what it has come to, not the way there.
  const after = input.rates(plus(input.now, ms(-input.window / 2)), input.now)
  if (!before || !after) return { observed: 'Nothing was measured around the attempt.', helped: 'unknown' }
  const late = input.done ? '' : 'Not finished by then. '
  const observed = `${late}Error rate ${before.errorPercent.toFixed(1)} % before, ${after.errorPercent.toFixed(1)} % after; pool ${after.pool}.`
  const fewest = Math.min(before.requests, after.requests)
  if (fewest >= LEAST_REQUESTS) return { observed, helped: judged(before.errorPercent, after.errorPercent) }
  return { observed: `${observed} Only ${fewest} requests ended in one of these spans.`, helped: 'unknown' }
}

function judged(before: number, after: number): Facts['attempt.finished']['helped'] {
  if (after <= HEALTHY_ERROR_PERCENT) return before > HEALTHY_ERROR_PERCENT ? 'yes' : 'unknown'
  if (after > before * (1 + NOTICEABLE)) return 'worse'
  return after < before * (1 - NOTICEABLE) ? 'partly' : 'no'
}
