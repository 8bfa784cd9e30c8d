/** How carefully a release goes out, and what is held against it. */
import { type DurationMs, minutes, ms, seconds } from '../../base/time.ts'

/** Durations are those of the incident's clock; `scalePolicy` makes a copy for a faster one. */
export interface ReleasePolicy {
  /** Weights in percent, rising, the last one 100. Used where the request names none. */
  readonly steps: readonly number[]
  /** How long each step but the last is watched before the next. */
  readonly stepHold: DurationMs
  /** How long the release is watched at 100 % before the previous one is given up. */
  readonly bake: DurationMs
  /** A step without a verdict this long after its time is rolled back, with just that reason; null waits for a person. */
  readonly holdLimit: DurationMs | null
  /** Requests that a step needs before it can pass: silence proves nothing. */
  readonly passMinRequests: number
  /** A canary unseen for this long has no data. */
  readonly noDataAfter: DurationMs
  /** A streak of bad looks survives a gap of this length; a longer one ends it. */
  readonly maxGap: DurationMs
  /** How far back a judgement looks at the most; it uses the shortest newest stretch with enough evidence. */
  readonly within: DurationMs
  /** A canary this many times worse than the other release beside it is to blame, though both suffer. */
  readonly besideFactor: number
  /** Error rate above `ratePercent` for longer than `for`, without a good look in between. */
  readonly sustained: { readonly ratePercent: number; readonly for: DurationMs; readonly minRequests: number }
  /** Gross failure, known from counts; `alpha`: the chance that a release at `ratePercent` is ever found bad. */
  readonly sequential: {
    readonly ratePercent: number
    readonly alpha: number
    readonly minRequests: number
    /** Looks with an error among them, so that one bad moment is not enough. */
    readonly minErrorTicks: number
  }
  /**
   * Requests slower than `latency.floorMs` that the canary has and the other release has not; `alpha` as above, for two
   * equal releases. At least `sharePercent` of the newest `minRequests` must be slow, and `minTicks` looks have seen one.
   */
  readonly slowness: {
    readonly alpha: number
    readonly sharePercent: number
    readonly minRequests: number
    readonly minTicks: number
  }
  readonly databaseTime: LeadingRule
  /** p95. */
  readonly latency: LeadingRule
  readonly pool: { readonly utilisationPercent: number; readonly for: DurationMs; readonly minTicks: number }
}

/** Canary ≥ `factor` × the other release and ≥ `floorMs`, for `for`, over enough requests and looks. */
export interface LeadingRule {
  readonly factor: number
  readonly floorMs: number
  readonly for: DurationMs
  readonly minRequests: number
  readonly minTicks: number
}

export const DEFAULT_POLICY: ReleasePolicy = {
  steps: [10, 50, 100],
  stepHold: minutes(10),
  bake: minutes(30),
  holdLimit: minutes(60),
  passMinRequests: 20,
  noDataAfter: minutes(3),
  maxGap: minutes(3),
  within: minutes(10),
  besideFactor: 3,
  sustained: { ratePercent: 5, for: minutes(5), minRequests: 20 },
  sequential: { ratePercent: 5, alpha: 0.01, minRequests: 10, minErrorTicks: 3 },
  slowness: { alpha: 0.01, sharePercent: 2, minRequests: 20, minTicks: 3 },
  databaseTime: { factor: 10, floorMs: 20, for: seconds(30), minRequests: 20, minTicks: 3 },
  latency: { factor: 5, floorMs: 200, for: minutes(1), minRequests: 30, minTicks: 3 },
  pool: { utilisationPercent: 90, for: minutes(1), minTicks: 3 },
}

/**
 * Samples come once a real second at any pace. A window that holds fewer than a few of them, or a gap shorter than from
 * one to the next, would leave the judge without data: these two shrink no further.
 */
const LEAST_WITHIN: DurationMs = seconds(15)
const LEAST_GAP: DurationMs = seconds(3)

/**
 * The same policy on a faster clock: one minute of it lasts `pace` milliseconds. Only durations shrink, and those that
 * say how far samples reach not below what sampling once a second needs.
 */
export function scalePolicy(policy: ReleasePolicy, pace: DurationMs): ReleasePolicy {
  const scaled = (duration: DurationMs) => ms((duration * pace) / 60_000)
  const least = (duration: DurationMs, floor: DurationMs) => ms(Math.min(duration, Math.max(scaled(duration), floor)))
  return {
    ...policy,
    stepHold: scaled(policy.stepHold),
    bake: scaled(policy.bake),
    holdLimit: policy.holdLimit === null ? null : scaled(policy.holdLimit),
    noDataAfter: least(policy.noDataAfter, LEAST_GAP),
    maxGap: least(policy.maxGap, LEAST_GAP),
    within: least(policy.within, LEAST_WITHIN),
    sustained: { ...policy.sustained, for: scaled(policy.sustained.for) },
    databaseTime: { ...policy.databaseTime, for: scaled(policy.databaseTime.for) },
    latency: { ...policy.latency, for: scaled(policy.latency.for) },
    pool: { ...policy.pool, for: scaled(policy.pool.for) },
  }
}
