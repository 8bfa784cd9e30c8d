/** How long something has held without a look that says otherwise. */
import { type DurationMs, type EpochMs, elapsed, ms } from '../../base/time.ts'

/** Since when something has been seen to hold, and when it was last seen. */
export interface Streak {
  readonly since: EpochMs
  /** The newest look at which it held. */
  readonly last: EpochMs
}

/**
 * Goes on with a streak. A look that says no ends it. A look without data (null) neither ends nor lengthens it, and a gap
 * of up to `maxGap` is bridged: it counts as part of the streak once the next look says yes; a longer gap ends it.
 */
export function extend(
  streak: Streak | null,
  look: { readonly at: EpochMs; readonly holds: boolean | null; readonly maxGap: DurationMs },
): Streak | null {
  const { at, holds, maxGap } = look
  const alive = streak !== null && elapsed({ from: streak.last, to: at }) <= maxGap ? streak : null
  if (holds === null) return alive
  return holds ? { since: alive?.since ?? at, last: at } : null
}

/** How long it has been seen to hold: 0 on the first look. */
export const lengthOf = (streak: Streak | null): DurationMs =>
  streak === null ? ms(0) : elapsed({ from: streak.since, to: streak.last })
