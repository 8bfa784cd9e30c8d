/**
 * Availability and error budget, with the arithmetic in the open: which events are good, over which window.
 * Source: Google SRE Workbook, chapter 2 (event-based indicators).
 */
import { type DurationMs, minutes } from '../../base/time.ts'

/** What is promised: `objectivePercent` of the events good, over `windowDays`. */
export interface Objective {
  /** > 0 and < 100. */
  readonly objectivePercent: number
  /** > 0. */
  readonly windowDays: number
}

/** Events of a span of time. */
export interface Counted {
  /** 0 ≤ good ≤ total. */
  readonly good: number
  readonly total: number
}

const MINUTES_PER_DAY = 1440

const badFraction = (counted: Counted): number => (counted.total === 0 ? 0 : 1 - counted.good / counted.total)
const allowedFraction = (objective: Objective): number => 1 - objective.objectivePercent / 100

/** In percent; null without events: nothing is known then, neither 0 nor 100. */
export const availabilityPercent = (counted: Counted): number | null =>
  counted.total === 0 ? null : (counted.good / counted.total) * 100

/** The whole budget of the window as minutes of complete outage: 99.5 % over 30 days is 216 minutes. */
export const allowedMinutes = (objective: Objective): DurationMs =>
  minutes(objective.windowDays * MINUTES_PER_DAY * allowedFraction(objective))

/** A part of `span` as minutes of complete outage: 15 % failed for 135 minutes is 20.25 bad minutes. */
export const badMinutes = (of: { readonly counted: Counted; readonly span: DurationMs }): DurationMs =>
  (badFraction(of.counted) * of.span) as DurationMs

/** A budget in minutes, and what a span took out of it. */
export interface Budget {
  /** Of the span; null without events. */
  readonly availabilityPercent: number | null
  readonly allowedMinutes: number
  readonly badMinutes: number
  /** Signed: negative when more was used than the window allows. */
  readonly remainingMinutes: number
  /** Of the window's budget, ≥ 0; above 100 when overspent. */
  readonly usedPercent: number
}

/**
 * What a span of time took out of the budget of the whole window: (bad ÷ total × span) ÷ allowed minutes.
 * The span must lie within the window; traffic is taken as even over it, which is what makes minutes comparable.
 * @throws RangeError when the objective or the counts are impossible
 */
export function budgetInMinutes(of: {
  readonly counted: Counted
  readonly span: DurationMs
  readonly objective: Objective
}): Budget {
  check(of.objective, of.counted)
  const allowed = allowedMinutes(of.objective) / 60_000
  const bad = badMinutes(of) / 60_000
  return {
    availabilityPercent: availabilityPercent(of.counted),
    allowedMinutes: allowed,
    badMinutes: bad,
    remainingMinutes: allowed - bad,
    usedPercent: (bad / allowed) * 100,
  }
}

/** A budget in events. */
export interface EventBudget {
  readonly allowed: number
  readonly bad: number
  /** Signed. */
  readonly remaining: number
  /** Null when the window allows no bad event because it had none at all. */
  readonly usedPercent: number | null
}

/**
 * The budget in events, from the counts of the whole window.
 * @throws RangeError when the objective or the counts are impossible
 */
export function budgetInEvents(of: { readonly counted: Counted; readonly objective: Objective }): EventBudget {
  check(of.objective, of.counted)
  const allowed = of.counted.total * allowedFraction(of.objective)
  const bad = of.counted.total - of.counted.good
  return { allowed, bad, remaining: allowed - bad, usedPercent: allowed === 0 ? null : (bad / allowed) * 100 }
}

function check(objective: Objective, counted: Counted): void {
  const { objectivePercent, windowDays } = objective
  if (!(objectivePercent > 0 && objectivePercent < 100)) {
    throw new RangeError(`an objective lies between 0 and 100 percent, not at ${objectivePercent}`)
  }
  if (!(windowDays > 0)) throw new RangeError(`a window is longer than 0 days, not ${windowDays}`)
  if (!(counted.good >= 0 && counted.good <= counted.total)) {
    throw new RangeError(`${counted.good} good of ${counted.total} events is impossible`)
  }
}
