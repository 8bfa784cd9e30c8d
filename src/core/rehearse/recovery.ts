/**
 * When it was over: the first moment from which health holds.
 *
 * H1 Windows of 5 s, one every second, by the intended send times. A window without requests says nothing.
 * H2 From that moment on every window is healthy for 10 s, or to the end of the observation when that is nearer.
 * H3 After that one bad second in thirty is no relapse (a machine that stalls for a moment): it makes at most as many
 *    windows in a row unhealthy as there are windows that contain it. Anything more is.
 * H4 Windows that touch the rollout of another release say nothing: what they show may be that release's doing.
 */
import { type DurationMs, type EpochMs, seconds } from '../../base/time.ts'
import { type ClientWindow, windows } from './client-windows.ts'
import type { RequestOutcome } from './load.ts'

export const WINDOW: DurationMs = seconds(5)
const STEP: DurationMs = seconds(1)
const HOLD: DurationMs = seconds(10)
const BLIP_SPACING: DurationMs = seconds(30)
const WINDOWS_WITH_ONE_SECOND = WINDOW / STEP

/** A span of time: [from, to). */
export interface Span {
  readonly from: EpochMs
  readonly to: EpochMs
}

/** Which requests, from when to when, and what counts as healthy. */
export interface RecoveryInput {
  /** Sorted by intended time. */
  readonly outcomes: readonly RequestOutcome[]
  /** Not before this moment. */
  readonly from: EpochMs
  /** End of the observation. */
  readonly to: EpochMs
  /** H4. */
  readonly leftOut: readonly Span[]
  readonly healthy: (window: ClientWindow) => boolean
}

/** Null when health never held to the end, or nothing was seen. */
export function healthyFrom(input: RecoveryInput): EpochMs | null {
  const { outcomes, from, to, healthy } = input
  const seen = windows({ outcomes, from, to, length: WINDOW, step: STEP })
  const says = seen.map((window) => {
    if (window.requests === 0 || input.leftOut.some((span) => overlaps(window, span))) return 'nothing'
    return healthy(window) ? 'good' : 'bad'
  })
  const first = lastRelapse(says) + 1
  const held = (index: number) => !says.slice(index, index + HOLD / STEP + 1).includes('bad')
  const start = says.findIndex((one, index) => index >= first && one === 'good' && held(index))
  return seen[start]?.from ?? null
}

type Says = 'good' | 'bad' | 'nothing'

/** Index of the last unhealthy window that H3 does not excuse; -1 when there is none. */
function lastRelapse(says: readonly Says[]): number {
  return says.findLastIndex((one, index) => {
    if (one !== 'bad') return false
    const recent = says.slice(Math.max(0, index + 1 - BLIP_SPACING / STEP), index + 1)
    const before = says.slice(0, index).findLast((other) => other !== 'bad')
    // Only what was healthy before and after was bad for a moment only.
    const between = before === 'good' && index < says.length - 1
    return !between || recent.filter((other) => other === 'bad').length > WINDOWS_WITH_ONE_SECOND
  })
}

const overlaps = (window: ClientWindow, span: Span) => window.from < span.to && window.from + WINDOW > span.from
