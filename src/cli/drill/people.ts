/** Plays what the people of the record did, at their minutes, on the running system. */
import type { Clock } from '../../base/time.ts'
import { elapsed, ms } from '../../base/time.ts'
import { fact, type NewEvent, type Source } from '../../core/events.ts'
import { paced, realTime, type ScenarioClock } from '../../core/rehearse/scenario.ts'
import type { AttemptWords, PersonAction } from '../../core/rehearse/script.ts'
import { type ErrorRates, observedEffect } from './effect.ts'

/** What people can lay hands on. */
export interface Hands {
  append(events: readonly NewEvent[]): Promise<unknown>
  incident(): string | null
  buildIndex(sql: string): Promise<{ valid: boolean; error: string | null }>
  resizePool(total: number): Promise<void>
  scale(replicas: number): Promise<void>
  release(version: Extract<PersonAction, { do: 'release' }>['release']): Promise<void>
  rollBack(reason: string, by: Source): Promise<void>
  decideRollback(reason: string, by: Source): Promise<void>
  drainQueue(): Promise<{ processed: number; remaining: number }>
  /** Error rates and pool as measured around two instants. */
  rates: ErrorRates
}

export interface PeopleOptions {
  readonly actions: readonly PersonAction[]
  readonly hands: Hands
  readonly clock: Clock
  readonly scenario: ScenarioClock
  readonly signal: AbortSignal
}

/** Plays all actions in time; resolves when the last one and every attempt's observation are done. */
export async function playPeople(options: PeopleOptions): Promise<void> {
  const running: Promise<void>[] = []
  for (const action of options.actions) {
    const wait = realTime(options.scenario, action.at) - options.clock.now()
    if (wait > 0) await options.clock.sleep(ms(wait), options.signal)
    if (options.signal.aborted) break
    // A deed may take long (an index build does); the next minute does not wait for it.
    running.push(act(action, options).catch((error: unknown) => overtaken(action, error, options)))
  }
  await Promise.all(running)
}

async function act(action: PersonAction, options: PeopleOptions): Promise<void> {
  const words = 'words' in action ? action.words : undefined
  if (words) await observed(action, words, options)
  else await carryOut(action, options)
}

/** What people began may be cut short by what they do next: a rollback ends the scaling that is still under way. */
async function overtaken(action: PersonAction, error: unknown, { hands, clock, signal }: PeopleOptions): Promise<void> {
  if (signal.aborted) return
  const what = 'words' in action && action.words ? action.words.action : action.do
  // The first sentence: what a process last logged is in its log, and no part of the story.
  const [reason] = (error instanceof Error ? error.message : String(error)).split(/\.\s|\n/)
  const text = `Begun at ${action.at} and not finished: ${what} (${reason})`
  await hands.append([fact({ at: clock.now(), source: person(action) }, 'incident.note', { text, links: [] })])
}

/** Carries out an attempt between its hypothesis and the measured observation. */
async function observed(action: PersonAction, words: AttemptWords, options: PeopleOptions): Promise<void> {
  const { hands, clock, scenario, signal } = options
  const by = person(action)
  const { observeAfterMinutes, ...told } = words
  const startedAt = clock.now()
  await hands.append([fact({ at: startedAt, source: by }, 'attempt.started', told)])
  const deed = carryOut(action, options)
  // Its failure is told by whoever awaits it below; until then it must not count as unhandled.
  deed.catch(() => undefined)
  // The look comes at its minute, whether or not the deed is done by then; a late deed is reported as late.
  await clock.sleep(paced(scenario, observeAfterMinutes), signal)
  const done = await Promise.race([
    deed.then(
      () => true,
      () => false,
    ),
    clock.sleep(ms(0)).then(() => false),
  ])
  const effect = observedEffect({ rates: hands.rates, startedAt, now: clock.now(), window: paced(scenario, 10), done })
  await hands.append([fact({ at: clock.now(), source: by }, 'attempt.finished', { attempt: words.attempt, ...effect })])
  await deed
}

async function carryOut(action: PersonAction, options: PeopleOptions): Promise<void> {
  const { hands, clock } = options
  const by = person(action)
  const say = (event: NewEvent) => hands.append([event])
  const now = clock.now()
  switch (action.do) {
    case 'note':
      return void (await say(
        fact({ at: now, source: by }, 'incident.note', { text: action.text, links: action.links ?? [] }),
      ))
    case 'finding':
      return void (await say(
        fact({ at: now, source: by }, 'finding.made', { text: action.text, rootCause: action.rootCause }),
      ))
    case 'notice':
      return void (await say(
        fact({ at: now, source: by }, 'notice.sent', { audience: action.audience, text: action.text }),
      ))
    case 'decide-rollback':
      return hands.decideRollback(action.reason, by)
    case 'roll-back':
      return hands.rollBack(action.reason, by)
    case 'release':
      return hands.release(action.release)
    case 'acknowledge':
    case 'assign-role':
    case 'set-severity':
    case 'resolve':
      return void (await say(incidentEvent(action, await openIncident(options), { now: clock.now(), by })))
    case 'build-index':
      return buildIndex(action, options)
    case 'resize-pool': {
      const { from, to } = action
      await say(
        fact({ at: now, source: by }, 'config.changed', {
          key: 'connection pool size',
          from: `${from}`,
          to: `${to}`,
          restarted: true,
        }),
      )
      return hands.resizePool(to)
    }
    case 'scale':
      await say(fact({ at: now, source: by }, 'service.scaled', { from: action.from, to: action.to }))
      return hands.scale(action.to)
    case 'drain-queue': {
      const drained = await hands.drainQueue()
      return void (await say(
        fact({ at: clock.now(), source: by }, 'queue.drained', {
          ...drained,
          took: elapsed({ from: now, to: clock.now() }),
        }),
      ))
    }
  }
}

/** Nobody can acknowledge what has not been alerted yet: people wait for it, this long, and then do what they do. */
const ALERT_PATIENCE_MINUTES = 15
const LOOK_EVERY = ms(100)

async function openIncident({ hands, clock, scenario, signal }: PeopleOptions): Promise<string | null> {
  const deadline = clock.monotonic() + paced(scenario, ALERT_PATIENCE_MINUTES)
  while (hands.incident() === null && clock.monotonic() < deadline && !signal.aborted)
    await clock.sleep(LOOK_EVERY, signal)
  return hands.incident()
}

type IncidentAction = Extract<PersonAction, { do: 'acknowledge' | 'assign-role' | 'set-severity' | 'resolve' }>

/** People act on the incident that the alert opened; when none is open their words are kept as a note. */
function incidentEvent(
  action: IncidentAction,
  incident: string | null,
  at: { now: NewEvent['at']; by: Source },
): NewEvent {
  if (incident === null)
    return fact({ at: at.now, source: at.by }, 'incident.note', {
      text: `${intended(action)}, but no alert has opened an incident yet`,
      links: [],
    })
  switch (action.do) {
    case 'acknowledge':
      return fact({ at: at.now, source: at.by }, 'incident.acknowledged', { incident, by: at.by.name })
    case 'assign-role':
      return fact({ at: at.now, source: at.by }, 'incident.role-assigned', {
        incident,
        role: action.role,
        to: action.to,
      })
    case 'set-severity':
      return fact({ at: at.now, source: at.by }, 'incident.severity-set', { incident, severity: action.severity })
    case 'resolve':
      return fact({ at: at.now, source: at.by }, 'incident.resolved', { incident, why: action.text })
  }
}

function intended(action: IncidentAction): string {
  switch (action.do) {
    case 'acknowledge':
      return 'Somebody is on it'
    case 'assign-role':
      return `${action.to} takes the role of ${action.role}`
    case 'set-severity':
      return `It is called ${action.severity}`
    case 'resolve':
      return action.text
  }
}

async function buildIndex(
  action: Extract<PersonAction, { do: 'build-index' }>,
  { hands, clock }: PeopleOptions,
): Promise<void> {
  const from = clock.now()
  const { index, table, sql } = action
  await hands.append([fact({ at: from, source: person(action) }, 'index.build-started', { index, table, sql })])
  const built = await hands.buildIndex(sql)
  await hands.append([
    fact({ at: clock.now(), source: { kind: 'postgres', name: 'index build' } }, 'index.build-finished', {
      index,
      table,
      took: elapsed({ from, to: clock.now() }),
      ...built,
    }),
  ])
}

const person = (action: PersonAction): Source => ({ kind: 'person', name: action.by })
