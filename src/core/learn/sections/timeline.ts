/** The timeline by phase, and the table of attempts. */
import type { Attempt } from '../attempts.ts'
import { COMPARED_MINUTES } from '../attempts.ts'
import type { Context } from '../context.ts'
import type { Window } from '../curves.ts'
import type { ActFacts } from '../facts.ts'
import { count, percentage, timeOfDay } from '../figures.ts'
import type { PostmortemModel, Table } from '../model.ts'
import { phasesOf } from '../phases.ts'
import { fromEvent, fromSeries } from '../refs.ts'
import { type Rich, say } from '../rich.ts'

const HELPED = { yes: 'yes', no: 'no', worse: 'made it worse', partly: 'in part', unknown: 'not known' } as const

const errors = (facts: ActFacts, window: Window | null, value: number | null): Rich =>
  value === null || window === null
    ? say`not measured`
    : say`${percentage(value)}${fromSeries(facts, { metric: facts.curves.errorRate?.metric ?? 'client_error_rate_percent', service: null, how: 'mean weighted by requests', window })}`

const pool = (facts: ActFacts, window: Window | null, value: number | null): Rich =>
  value === null || window === null
    ? say`not measured`
    : say`${count(value)}${fromSeries(facts, { metric: 'pool_used', service: facts.service, how: 'highest sum over releases', window })}`

function rowOf(facts: ActFacts, attempt: Attempt): readonly Rich[] {
  const { started, finished } = attempt
  const mixed =
    attempt.mixedWith.length === 0
      ? []
      : say` (other changes in between${attempt.mixedWith.map((event) => fromEvent(facts, event))})`
  return [
    say`${count(started.data.attempt)}${fromEvent(facts, started)}`,
    say`${timeOfDay(facts.clock, started.at)}`,
    say`${started.data.action}`,
    errors(facts, attempt.windowBefore, attempt.errorsBefore),
    errors(facts, attempt.windowAfter, attempt.errorsAfter),
    pool(facts, attempt.windowBefore, attempt.poolBefore),
    pool(facts, attempt.windowAfter, attempt.poolAfter),
    finished === null
      ? say`its outcome was not recorded`
      : say`${HELPED[finished.data.helped]}${fromEvent(facts, finished)}${mixed}`,
  ]
}

function attemptTable({ own, attempts }: Context): Table | null {
  if (attempts.length === 0) return null
  return {
    columns: [
      { title: 'Attempt', align: 'right' },
      { title: 'Began', align: 'left' },
      { title: 'Action', align: 'left' },
      { title: 'Errors before', align: 'right' },
      { title: 'Errors after', align: 'right' },
      { title: 'Pool before', align: 'right' },
      { title: 'Pool after', align: 'right' },
      { title: 'Helped', align: 'left' },
    ],
    rows: attempts.map((attempt) => rowOf(own, attempt)),
  }
}

/** The section with the timeline. */
export function timelineOf(context: Context): PostmortemModel['timeline'] {
  return {
    intro: say`A phase begins where the one before ends. Detection runs from the first bad request until somebody was on it, mitigation from the first attempt or the decision to roll back until that was complete and clients were served well again, recovery from there until the incident, or the last alert where there was none, had ended. Before and after an attempt: the ${String(COMPARED_MINUTES)} minutes of incident time on either side, as the clients counted.`,
    phases: phasesOf(context.own),
    attempts: attemptTable(context),
  }
}
