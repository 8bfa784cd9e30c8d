/**
 * Names the cause when an alert fires or the judge finds a release bad.
 *
 * D1 It speaks only in an episode: from the first alert or bad verdict until all is quiet again.
 * D2 It names a cause anew only when kind, release, index or statement changed for a better-founded one, a limited number
 *    of times (MAX_NAMINGS); `unknown` only after it has waited for evidence (UNKNOWN_LOOKS).
 * D3 It asks for plans only, of at most MAX_QUESTIONS texts an episode.
 */
import { type EpochMs, elapsed, minutes } from '../../base/time.ts'
import type { ReleaseId, ServiceName } from '../../base/units.ts'
import { type CauseFact, fact, type IndexFact, type LedgerEvent, type Source } from '../events.ts'
import type { Answer, Look, Monitor, Question } from '../monitor.ts'
import type { Observation } from '../watch/samples.ts'
import type { Case, DroppedIndex, Planned, RecentRelease } from './case.ts'
import { rank, withCatalog, withMigration } from './hypotheses.ts'
import { EMPTY_MEMORY, freeze, remember, type StatementMemory } from './memory.ts'
import { withPredicateValues } from './predicate-values.ts'
import { type Pressure, pressureIn, type Suspect, suspectsIn } from './suspects.ts'

interface Episode {
  readonly looks: number
  readonly namings: number
  /** By text. */
  readonly asked: Readonly<Record<string, Asked>>
}

interface Asked {
  /** The look at which it was asked. */
  readonly look: number
  /** Null while it is due. */
  readonly answer: Planned | null
}

interface Named {
  readonly key: string
  readonly kind: string
  readonly score: number
}

/** What the diagnosis remembers between looks. */
export interface DiagnosisState {
  readonly release: RecentRelease | null
  readonly rollbackTo: ReleaseId | null
  readonly dropped: readonly DroppedIndex[]
  /** At the newest inventory of the window. */
  readonly invalid: readonly IndexFact[]
  readonly firing: readonly string[]
  readonly judgedBad: boolean
  readonly episode: Episode | null
  readonly named: Named | null
  readonly memory: StatementMemory
  readonly suspects: readonly Suspect[]
  readonly pressure: Pressure
  readonly at: EpochMs | null
}

/** Texts whose plan is asked for in one episode. */
export const MAX_QUESTIONS = 12
/** Causes named in one episode. */
export const MAX_NAMINGS = 5
/** Looks after which it goes on without an answer that is due. */
const PATIENCE_LOOKS = 4
/** Looks without a cause after which it says that it knows none. */
export const UNKNOWN_LOOKS = 10
/** Indexes that are not valid and are held against a plan. */
const MAX_INVALID = 50
/** A release older than this is not suspected by its age. */
const RECENT = minutes(24 * 60)
/** A statement with a smaller share is not worth a question. */
const MIN_SHARE_TO_ASK = 0.05
/** How much better founded another cause must be. */
const CLEARLY_BETTER = 0.05
const SOURCE: Source = { kind: 'premortem', name: 'diagnosis' }

const INITIAL: DiagnosisState = {
  release: null,
  rollbackTo: null,
  dropped: [],
  invalid: [],
  firing: [],
  judgedBad: false,
  episode: null,
  named: null,
  memory: EMPTY_MEMORY,
  suspects: [],
  pressure: { active: 0, locked: 0, idleInTransaction: 0, poolUsed: 0, poolPercent: null, poolPending: 0, looks: 0 },
  at: null,
}

const keyOf = (cause: CauseFact): string => {
  // The index says more than the statement: several statements may miss the same one.
  const what = cause.index?.name ?? cause.fingerprint ?? ''
  return [cause.kind, cause.release ?? '', cause.kind === 'unknown' ? '' : what].join('|')
}

const opened = (state: DiagnosisState): DiagnosisState => ({
  ...state,
  episode: state.episode ?? { looks: 0, namings: 0, asked: {} },
})

function noted(state: DiagnosisState, event: LedgerEvent): DiagnosisState {
  switch (event.type) {
    case 'release.requested': {
      const { release, previous } = event.data
      const recent = { release, previous, requestedAt: event.at }
      return { ...state, release: recent, rollbackTo: null, judgedBad: false, memory: freeze(state.memory) }
    }
    case 'migration.applied':
      return { ...state, dropped: withMigration(state.dropped, event.data, event.at) }
    case 'database.changed':
      return { ...state, dropped: withCatalog(state.dropped, event.data, event.at) }
    case 'index.build-finished': {
      const { index, valid } = event.data
      return valid ? { ...state, dropped: state.dropped.filter((one) => one.index.name !== index) } : state
    }
    case 'alert.fired':
      return opened({ ...state, firing: [...state.firing.filter((rule) => rule !== event.data.rule), event.data.rule] })
    case 'alert.resolved':
      return { ...state, firing: state.firing.filter((rule) => rule !== event.data.rule) }
    case 'release.judged':
      return event.data.verdict === 'bad' ? opened({ ...state, judgedBad: true }) : state
    case 'release.rollback-decided':
      return { ...state, rollbackTo: event.data.to }
    case 'release.rolled-back':
    case 'release.promoted':
    case 'release.failed':
      return { ...state, judgedBad: false }
    case 'cause.named':
      return { ...state, named: { key: keyOf(event.data), kind: event.data.kind, score: event.data.score } }
    default:
      return state
  }
}

/** D1: quiet again, and what had to be said was said. */
function isOver(state: DiagnosisState, episode: Episode): boolean {
  if (state.firing.length > 0 || state.judgedBad) return false
  return episode.namings > 0 || episode.looks > UNKNOWN_LOOKS
}

/** The plan of a suspect, of the first text that has one; else why the last one has none. Undefined while nothing is known. */
function planned(suspect: Suspect, episode: Episode): Planned | undefined {
  const answers = suspect.texts.flatMap((text) => episode.asked[text]?.answer ?? [])
  return answers.find((answer) => answer.plan !== null) ?? answers[answers.length - 1]
}

/** An answer about a suspect is on its way, and worth waiting for. */
function isDue(suspect: Suspect, episode: Episode): boolean {
  if (planned(suspect, episode)?.plan) return false
  return suspect.texts.some((text) => {
    const asked = episode.asked[text]
    return asked !== undefined && asked.answer === null && episode.looks - asked.look < PATIENCE_LOOKS
  })
}

/** The next text of each suspect whose earlier texts gave no plan. */
function questionsFor(suspects: readonly Suspect[], episode: Episode): readonly Question[] {
  const room = Math.max(0, MAX_QUESTIONS - Object.keys(episode.asked).length)
  const texts = suspects
    .filter((suspect) => suspect.timeShare >= MIN_SHARE_TO_ASK)
    .flatMap((suspect) => {
      if (planned(suspect, episode)?.plan) return []
      const open = suspect.texts.find((text) => episode.asked[text]?.answer == null)
      return open === undefined || open in episode.asked ? [] : [open]
    })
  return [...new Set(texts)].slice(0, room).map((query) => ({ kind: 'explain', query }))
}

function caseOf(state: DiagnosisState, episode: Episode, who: Pick<Case, 'service' | 'at'>): Case {
  const { service, at } = who
  const { release, dropped, invalid, suspects, pressure, rollbackTo } = state
  const isRecent = (since: EpochMs) => elapsed({ from: since, to: at }) <= RECENT
  const plans = suspects.flatMap((suspect) => {
    const plan = planned(suspect, episode)
    return plan === undefined ? [] : [[suspect.fingerprint, plan] as const]
  })
  return {
    service,
    at,
    release: release !== null && isRecent(release.requestedAt) ? release : null,
    dropped: dropped.filter((one) => isRecent(one.at)),
    invalid,
    suspects,
    plans: Object.fromEntries(plans),
    pressure,
    rollbackTo,
  }
}

/** D2. */
function isNews(state: DiagnosisState, episode: Episode, cause: CauseFact): boolean {
  if (episode.namings >= MAX_NAMINGS) return false
  const { named } = state
  if (cause.kind === 'unknown')
    return episode.namings === 0 && episode.looks >= UNKNOWN_LOOKS && named?.kind !== 'unknown'
  if (named === null || named.kind === 'unknown') return true
  if (keyOf(cause) === named.key) return false
  // In a new episode the cause of an earlier one need not be beaten.
  return episode.namings === 0 || cause.score > named.score + CLEARLY_BETTER
}

function conclude(state: DiagnosisState, service: ServiceName): Look<DiagnosisState> {
  const { episode, at } = state
  const quiet: Look<DiagnosisState> = { state, facts: [], questions: [] }
  if (episode === null || at === null) return quiet
  if (state.suspects.some((suspect) => isDue(suspect, episode))) return quiet
  const [cause] = rank(caseOf(state, episode, { service, at }))
  if (cause === undefined || !isNews(state, episode, cause)) return quiet
  const named = { key: keyOf(cause), kind: cause.kind, score: cause.score }
  return {
    state: { ...state, named, episode: { ...episode, namings: episode.namings + 1 } },
    facts: [fact({ at, source: SOURCE }, 'cause.named', cause)],
    questions: [],
  }
}

/** Of the newest inventory of the window; as before while there is none. */
function invalidIn(recent: readonly Observation[], before: readonly IndexFact[]): readonly IndexFact[] {
  const newest = recent.findLast((one) => one.database !== null && one.database.inventory !== null)
  const indexes = newest?.database?.inventory?.indexes
  if (indexes === undefined) return before
  return indexes
    .filter(({ valid }) => !valid)
    .map(({ name, table, definition }) => ({ name, table, definition }))
    .slice(0, MAX_INVALID)
}

/** A plan for the value that a dropped index was made for tells more than one for any value, and is asked for first. */
function asItRuns(suspect: Suspect, dropped: readonly DroppedIndex[]): Suspect {
  const indexes = dropped.map(({ index }) => index)
  const texts = suspect.texts.flatMap((text) => {
    const filled = withPredicateValues(text, indexes)
    return filled === null ? [text] : [filled, text]
  })
  return { ...suspect, texts: [...new Set(texts)] }
}

function look(state: DiagnosisState, recent: readonly Observation[], service: ServiceName): Look<DiagnosisState> {
  const at = recent[recent.length - 1]?.at ?? state.at
  const seen: DiagnosisState = { ...state, at, memory: remember(state.memory, recent, service) }
  const { episode } = seen
  if (episode === null) return { state: seen, facts: [], questions: [] }
  if (isOver(seen, episode)) return { state: { ...seen, episode: null }, facts: [], questions: [] }
  const suspects = suspectsIn(recent, seen.memory, service).map((suspect) => asItRuns(suspect, seen.dropped))
  const questions = questionsFor(suspects, episode)
  const looks = episode.looks + 1
  const grown: DiagnosisState = {
    ...seen,
    suspects,
    pressure: pressureIn(recent, service),
    invalid: invalidIn(recent, seen.invalid),
    episode: asking({ ...episode, looks }, questions),
  }
  return { ...conclude(grown, service), questions }
}

function answered(state: DiagnosisState, given: Answer, service: ServiceName): Look<DiagnosisState> {
  const { episode } = state
  const { query } = given.question
  if (episode === null || !(query in episode.asked)) return { state, facts: [], questions: [] }
  const answer: Planned = { plan: given.plan, reason: given.reason }
  const asked = { ...episode.asked, [query]: { look: episode.asked[query]?.look ?? 0, answer } }
  const questions = questionsFor(state.suspects, { ...episode, asked })
  return { ...conclude({ ...state, episode: asking({ ...episode, asked }, questions) }, service), questions }
}

function asking(episode: Episode, questions: readonly Question[]): Episode {
  const due = questions.map(({ query }) => [query, { look: episode.looks, answer: null }] as const)
  return { ...episode, asked: { ...episode.asked, ...Object.fromEntries(due) } }
}

/** Names causes for one service; see D1 to D3 above. */
export function diagnosisMonitor(options: { readonly service: ServiceName }): Monitor<DiagnosisState> {
  const { service } = options
  return {
    name: `diagnosis:${service}`,
    initial: INITIAL,
    note: noted,
    look: (state, recent) => look(state, recent, service),
    answer: (state, answer) => answered(state, answer, service),
  }
}
