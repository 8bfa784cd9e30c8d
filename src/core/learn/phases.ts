/** Cuts an act into the phases of a postmortem. Each begins where the one before ends, so no two overlap. */
import type { EpochMs } from '../../base/time.ts'
import type { LedgerEvent } from '../events.ts'
import type { Window } from './curves.ts'
import { describe } from './describe.ts'
import { type ActFacts, ofType } from './facts.ts'
import { inSeconds, offset, timeOfDay } from './figures.ts'
import type { Detail, Phase, PhaseId, TimelineEntry } from './model.ts'
import { fromEvent, fromResult } from './refs.ts'
import { code, plain, type Rich, say, strong } from './rich.ts'
import { type Telling, tellings } from './tellings.ts'

const TITLES: { readonly [Id in PhaseId]: string } = {
  'lead-up': 'Lead-up',
  detection: 'Detection',
  investigation: 'Investigation',
  mitigation: 'Mitigation Attempts',
  recovery: 'Recovery',
  'post-incident': 'Post-Incident',
}

const ORDER: readonly PhaseId[] = ['lead-up', 'detection', 'investigation', 'mitigation', 'recovery', 'post-incident']

/** A place in the order of what happened: between events of the same instant, too. */
interface Place {
  readonly at: EpochMs
  /** Sequence of an event, or between two. */
  readonly order: number
}

/** In front of everything at that instant, and behind it. */
const first = (at: EpochMs): Place => ({ at, order: Number.NEGATIVE_INFINITY })
const last = (at: EpochMs): Place => ({ at, order: Number.POSITIVE_INFINITY })
const placeOf = (event: LedgerEvent): Place => ({ at: event.at, order: event.sequence })
const behind = (event: LedgerEvent): Place => ({ at: event.at, order: event.sequence + 0.5 })

const byPlace = (one: Place, other: Place): number =>
  one.at - other.at || (one.order === other.order ? 0 : one.order - other.order)

const earliest = (places: readonly (Place | null)[]): Place | null =>
  places.filter((place): place is Place => place !== null).sort(byPlace)[0] ?? null
const latest = (places: readonly (Place | null)[]): Place | null =>
  places
    .filter((place): place is Place => place !== null)
    .sort(byPlace)
    .at(-1) ?? null

const placed = (event: LedgerEvent | null | undefined): Place | null => (event ? placeOf(event) : null)

/** What a machine noticed first ends the detection; what a person does about it begins the investigation. */
function noticed({ acknowledged, opened, alert }: ActFacts, judgedBad: LedgerEvent | undefined): Place | null {
  if (acknowledged !== null) return placeOf(acknowledged)
  const events = [opened, alert, judgedBad ?? null].filter((event) => event !== null)
  const [event] = events.sort((one, other) => byPlace(placeOf(one), placeOf(other)))
  return event === undefined ? null : behind(event)
}

/** When each phase begins; null when the act gives it no beginning. */
function beginnings(facts: ActFacts): { readonly [Id in PhaseId]: Place | null } {
  const { events, firstBadAt, recoveredAt, rolledBack, closed, decision, alert, opened } = facts
  const judgedBad = ofType(events, 'release.judged').find((event) => event.data.verdict === 'bad')
  const attempt = ofType(events, 'attempt.started')[0]
  const bad = firstBadAt === null ? null : first(firstBadAt)
  const detection = earliest([bad, placed(alert), placed(opened), placed(judgedBad)])
  return {
    'lead-up': first(facts.start),
    detection,
    investigation: detection === null ? null : noticed(facts, judgedBad),
    mitigation: earliest([placed(attempt), placed(decision)]),
    // A rollback that is under way is a mitigation, also when clients are served well already.
    recovery:
      recoveredAt === null ? null : latest([first(recoveredAt), rolledBack === null ? null : behind(rolledBack)]),
    'post-incident': closed === null ? null : behind(closed),
  }
}

interface Cut {
  readonly id: PhaseId
  /** Half open; null when the phase has no beginning. */
  readonly places: { readonly from: Place; readonly to: Place } | null
}

/** In the phases' order. A phase that would begin before the one in front of it is cut, not moved. */
function cuts(facts: ActFacts): readonly Cut[] {
  const begin = beginnings(facts)
  // From behind: a phase ends where the next one that exists begins, and may not begin after it.
  let limit = last(facts.end)
  const found: Cut[] = []
  for (const id of [...ORDER].reverse()) {
    const wanted = begin[id]
    const from = wanted === null ? null : byPlace(wanted, limit) < 0 ? wanted : limit
    found.push({ id, places: from === null ? null : { from, to: limit } })
    limit = from ?? limit
  }
  return found.reverse()
}

const rangeOf = ({ places }: Cut): Window | null =>
  places === null ? null : { from: places.from.at, to: places.to.at }

/** When the phases were. An event at the instant where two meet is in the one that its place in the ledger gives. */
export const phaseRanges = (facts: ActFacts): readonly { readonly id: PhaseId; readonly range: Window | null }[] =>
  cuts(facts).map((cut) => ({ id: cut.id, range: rangeOf(cut) }))

/** Particulars below an entry: what was run, and what was expected of it. */
function detailsOf(facts: ActFacts, event: LedgerEvent): readonly Detail[] {
  switch (event.type) {
    case 'attempt.started': {
      const { command, hypothesis, expected } = event.data
      const run: Detail[] =
        command.trim() === '' ? [] : [{ kind: 'code', language: languageOf(command), text: command }]
      return [
        ...run,
        { kind: 'line', text: say`Hypothesis: ${hypothesis}${fromEvent(facts, event)}` },
        { kind: 'line', text: say`Expected: ${expected}${fromEvent(facts, event)}` },
      ]
    }
    case 'index.build-started':
      return shownByAttempt(facts, event.data.sql) ? [] : [{ kind: 'code', language: 'sql', text: event.data.sql }]
    case 'migration.applied':
      return [{ kind: 'code', language: 'sql', text: event.data.sql }]
    case 'incident.note':
      return event.data.links.map((href) => ({ kind: 'line', text: [{ kind: 'link', text: href, href }] }))
    default:
      return []
  }
}

/** True when an attempt's own command is this statement: it stands in the document once. */
const shownByAttempt = (facts: ActFacts, sql: string): boolean =>
  ofType(facts.events, 'attempt.started').some((event) => event.data.command.includes(sql.replace(/;\s*$/, '')))

/** Commands of shells start in lower case; words of people do not. */
function languageOf(command: string): string {
  if (/^\s*(select|create|alter|drop|update|insert|delete|with|set)\b/i.test(command)) return 'sql'
  return /^\s*[a-z./]/.test(command) ? 'bash' : 'text'
}

/** That the catalog was seen to be as the event says. */
function confirmation(facts: ActFacts, { event, confirmedBy }: Telling): Rich {
  const last = confirmedBy.at(-1)
  if (last === undefined) return []
  const late = (last.at - event.at) / 1000
  const when = late > 0 ? `${inSeconds(late)} later` : 'at once'
  return say`; the catalog showed it ${when}${confirmedBy.map((change) => fromEvent(facts, change))}`
}

/** An entry, and where it stands among the others. */
interface Placed {
  readonly entry: TimelineEntry
  readonly place: Place
}

function entryOf(facts: ActFacts, telling: Telling): Placed {
  const { event, shown } = telling
  const told = describe(shown)
  const { kind, name } = event.source
  const named = plain(told).includes(name.replace(/\s*\(.*$/, ''))
  const by = kind === 'person' && !named ? say` – ${name}` : []
  const text = say`${told}${by}${fromEvent(facts, event)}${confirmation(facts, telling)}`
  return { place: placeOf(event), entry: { ...when(facts, event.at), text, details: detailsOf(facts, event) } }
}

const when = (facts: ActFacts, at: EpochMs): Pick<TimelineEntry, 'at' | 'time' | 'offset'> => ({
  at,
  time: timeOfDay(facts.clock, at),
  offset: offset(facts.zero, at),
})

/** The two moments that no event marks: they come from the clients' own count. */
function markedMoments(facts: ActFacts): readonly Placed[] {
  const { firstBadAt, recoveredAt } = facts
  const mark = (place: Place, text: Rich): Placed => ({ place, entry: { ...when(facts, place.at), text, details: [] } })
  const bad = () =>
    say`${strong('First bad request')}: a client's request failed or was slower than the objective${fromResult(facts, 'firstBadRequestAt')}`
  const good = () =>
    say`${strong('Recovered')}: error rate and ${code('p95')} back within the objective, and they stayed there${fromResult(facts, 'secondsToRecovery')}`
  return [
    ...(firstBadAt === null ? [] : [mark(first(firstBadAt), bad())]),
    ...(recoveredAt === null ? [] : [mark(last(recoveredAt), good())]),
  ]
}

/** All phases with their entries; those without a beginning say so. */
export function phasesOf(facts: ActFacts): readonly Phase[] {
  const told = tellings(facts.events).map((telling) => entryOf(facts, telling))
  const entries = [...told, ...markedMoments(facts)].sort((one, other) => byPlace(one.place, other.place))
  return cuts(facts).map((cut) => {
    const { id, places } = cut
    const inside = ({ place }: Placed) =>
      places !== null && byPlace(place, places.from) >= 0 && byPlace(place, places.to) < 0
    const range = rangeOf(cut)
    return {
      id,
      title: TITLES[id],
      range,
      when: range === null ? 'the act gives this phase no beginning' : whenText(facts, range, id),
      entries: entries.filter(inside).map(({ entry }) => entry),
    }
  })
}

function whenText(facts: ActFacts, range: Window, id: PhaseId): string {
  const { clock, zero } = facts
  if (id === 'post-incident') return `${timeOfDay(clock, range.from)} onwards, from ${offset(zero, range.from)}`
  if (range.from === range.to) return `in one moment: ${timeOfDay(clock, range.from)}, ${offset(zero, range.from)}`
  const times = `${timeOfDay(clock, range.from)} to ${timeOfDay(clock, range.to)}`
  return `${times}, ${offset(zero, range.from)} to ${offset(zero, range.to)}`
}
