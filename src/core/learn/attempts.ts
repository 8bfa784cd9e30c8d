/** Mitigations that were tried, each with what the clients measured before and after it. */
import { type EpochMs, epochMs } from '../../base/time.ts'
import type { LedgerEvent } from '../events.ts'
import { mean, peak, type Window } from './curves.ts'
import { type ActFacts, after, before, type EventOf, ofType } from './facts.ts'

/** Minutes of the incident over which an attempt's before and after are measured. */
export const COMPARED_MINUTES = 5

/** One mitigation; error rates in percent, weighted by requests, pools as their highest second. */
export interface Attempt {
  readonly started: EventOf<'attempt.started'>
  /** Null when its outcome was never recorded. */
  readonly finished: EventOf<'attempt.finished'> | null
  readonly windowBefore: Window
  readonly windowAfter: Window | null
  readonly errorsBefore: number | null
  readonly errorsAfter: number | null
  readonly poolBefore: number | null
  readonly poolAfter: number | null
  /** Other changes between its start and the end of its after window: then the difference is not its own. */
  readonly mixedWith: readonly LedgerEvent[]
}

const CHANGES = new Set(['attempt.started', 'release.rollback-decided', 'release.rolled-back', 'release.requested'])

function attemptOf(facts: ActFacts, started: EventOf<'attempt.started'>, next: EpochMs): Attempt {
  const { curves } = facts
  const finished =
    ofType(facts.events, 'attempt.finished').find(
      (event) => event.data.attempt === started.data.attempt && event.at >= started.at,
    ) ?? null
  const windowBefore = before(facts, started.at, COMPARED_MINUTES)
  const full = finished === null ? null : after(facts, finished.at, COMPARED_MINUTES)
  // The next attempt ends this one's after window, when it began after this one's end.
  const windowAfter =
    full === null ? null : next > full.from ? { from: full.from, to: epochMs(Math.min(full.to, next)) } : full
  return {
    started,
    finished,
    windowBefore,
    windowAfter,
    errorsBefore: mean(curves.errorRate, windowBefore, curves.requests),
    errorsAfter: windowAfter === null ? null : mean(curves.errorRate, windowAfter, curves.requests),
    poolBefore: peak(curves.poolUsed, windowBefore)?.value ?? null,
    poolAfter: windowAfter === null ? null : (peak(curves.poolUsed, windowAfter)?.value ?? null),
    mixedWith: facts.events.filter(
      (event) => CHANGES.has(event.type) && event.at > started.at && windowAfter !== null && event.at < windowAfter.to,
    ),
  }
}

/** All attempts in the order of their start. */
export function attemptsOf(facts: ActFacts): readonly Attempt[] {
  const started = ofType(facts.events, 'attempt.started')
  return started.map((event, place) => attemptOf(facts, event, started[place + 1]?.at ?? epochMs(Infinity)))
}
