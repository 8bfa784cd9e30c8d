/** Cuts an act into the phases of a postmortem. Each begins where the one before ends, so no two overlap. */
import { type EpochMs, epochMs } from '../../base/time.ts'
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

const earliest = (times: readonly (EpochMs | null | undefined)[]): EpochMs | null => {
  const known = times.filter((time): time is EpochMs => time !== null && time !== undefined)
  return known.length === 0 ? null : epochMs(Math.min(...known))
}

/** When each phase begins; null when the act gives it no beginning. */
function beginnings(facts: ActFacts): { readonly [Id in PhaseId]: EpochMs | null } {
  const { events, firstBadAt, recoveredAt, resolved, decision } = facts
  const judgedBad = ofType(events, 'release.judged').find((event) => event.data.verdict === 'bad')
  const mitigation = earliest([ofType(events, 'attempt.started')[0]?.at, decision?.at])
  const noticed = facts.acknowledged?.at ?? earliest([facts.opened?.at, facts.alert?.at, judgedBad?.at])
  const detection = earliest([firstBadAt, facts.alert?.at, facts.opened?.at, judgedBad?.at])
  return {
    'lead-up': facts.start,
    detection,
    investigation: detection === null ? null : noticed,
    mitigation,
    recovery: recoveredAt,
    'post-incident': resolved?.at ?? null,
  }
}

/** Ranges in the phases' order. A phase that would begin before the one in front of it is cut, not moved. */
export function phaseRanges(facts: ActFacts): readonly { readonly id: PhaseId; readonly range: Window | null }[] {
  const begin = beginnings(facts)
  const end = epochMs(facts.end + 1)
  // From behind: a phase ends where the next one that exists begins, and may not begin after it.
  let limit = end
  const ranges: { id: PhaseId; range: Window | null }[] = []
  for (const id of [...ORDER].reverse()) {
    const from = begin[id]
    if (from === null) ranges.push({ id, range: null })
    else {
      const start = epochMs(Math.min(from, limit))
      ranges.push({ id, range: { from: start, to: limit } })
      limit = start
    }
  }
  return ranges.reverse()
}

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

function entryOf(facts: ActFacts, telling: Telling): TimelineEntry {
  const { event, shown } = telling
  const told = describe(shown)
  const { kind, name } = event.source
  const named = plain(told).includes(name.replace(/\s*\(.*$/, ''))
  const by = kind === 'person' && !named ? say` – ${name}` : []
  return {
    at: event.at,
    time: timeOfDay(facts.clock, event.at),
    offset: offset(facts.zero, event.at),
    text: say`${told}${by}${fromEvent(facts, event)}${confirmation(facts, telling)}`,
    details: detailsOf(facts, event),
  }
}

/** The two moments that no event marks: they come from the clients' own count. */
function markedMoments(facts: ActFacts): readonly TimelineEntry[] {
  const entry = (at: EpochMs, text: TimelineEntry['text']): TimelineEntry => ({
    at,
    time: timeOfDay(facts.clock, at),
    offset: offset(facts.zero, at),
    text,
    details: [],
  })
  const { firstBadAt, recoveredAt } = facts
  const bad =
    firstBadAt === null
      ? []
      : [
          entry(
            firstBadAt,
            say`${strong('First bad request')}: a client's request failed or was slower than the objective${fromResult(facts, 'firstBadRequestAt')}`,
          ),
        ]
  const good =
    recoveredAt === null
      ? []
      : [
          entry(
            recoveredAt,
            say`${strong('Recovered')}: error rate and ${code('p95')} back within the objective, and they stayed there${fromResult(facts, 'secondsToRecovery')}`,
          ),
        ]
  return [...bad, ...good]
}

/** All phases with their entries; those without a beginning say so. */
export function phasesOf(facts: ActFacts): readonly Phase[] {
  const told = tellings(facts.events).map((telling) => entryOf(facts, telling))
  const entries = [...told, ...markedMoments(facts)].sort((a, b) => a.at - b.at)
  return phaseRanges(facts).map(({ id, range }) => ({
    id,
    title: TITLES[id],
    range,
    when: range === null ? 'the act gives this phase no beginning' : whenText(facts, range, id),
    entries: range === null ? [] : entries.filter((entry) => entry.at >= range.from && entry.at < range.to),
  }))
}

function whenText(facts: ActFacts, range: Window, id: PhaseId): string {
  const { clock, zero } = facts
  if (id === 'post-incident') return `${timeOfDay(clock, range.from)} onwards, from ${offset(zero, range.from)}`
  const times = `${timeOfDay(clock, range.from)} to ${timeOfDay(clock, range.to)}`
  return `${times}, ${offset(zero, range.from)} to ${offset(zero, range.to)}`
}
