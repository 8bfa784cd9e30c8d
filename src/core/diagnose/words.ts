/** Puts causes into words: what happened, the evidence with its numbers, what would refute it, and what to do. */
import { elapsed, toIso } from '../../base/time.ts'
import type { CauseFact } from '../events.ts'
import { renderPlan, sequentialScans } from '../postgres/plan.ts'
import { figure, spanText } from '../wording.ts'
import type { Case, DroppedIndex } from './case.ts'
import { type IndexMatch, matchIndex } from './index-match.ts'
import type { Suspect } from './suspects.ts'

const percentText = (share: number): string => `${figure(share * 100)} %`
const clock = (at: Parameters<typeof toIso>[0]): string => `${toIso(at).slice(11, 19)} UTC`

/** For a sentence: the first hundred characters. The whole text stands in the cause itself. */
const short = (statement: string): string => (statement.length > 100 ? `${statement.slice(0, 99)}…` : statement)

const NOTHING: Omit<CauseFact, 'kind' | 'summary' | 'score' | 'evidence' | 'refutedBy' | 'advice'> = {
  release: null,
  statement: null,
  fingerprint: null,
  index: null,
  migrationFile: null,
  migrationLine: null,
  plan: [],
}

const planOf = (of: Case, suspect: Suspect): readonly string[] => {
  const plan = of.plans[suspect.fingerprint]?.plan
  return plan ? renderPlan(plan) : []
}

function sessionsText(of: Case, suspect: Suspect): readonly string[] {
  if (suspect.sessionsNow === 0) return []
  const who = suspect.release === null ? of.service : `${of.service}@${suspect.release}`
  const oldest = suspect.oldestSeconds >= 0.1 ? `, the oldest since ${figure(suspect.oldestSeconds)} s` : ''
  return [
    `${suspect.sessionsNow} of ${suspect.activeNow} running statements of ${of.service} are this one (${who})${oldest}`,
  ]
}

/** What the statement costs, and how that came about. */
function costText(of: Case, suspect: Suspect): readonly string[] {
  const { meanMs, meanMsBefore, calls, isNew, timeShare } = suspect
  const mean = meanMs === null ? 'no execution has ended' : `${calls} executions of ${figure(meanMs)} ms on average`
  const took = `it takes ${percentText(timeShare)} of the database time that was seen: ${mean}`
  if (isNew && of.release !== null)
    return [took, `it was not seen before ${of.release.release} was released at ${clock(of.release.requestedAt)}`]
  if (meanMsBefore === null) return [took]
  return [took, `before the release it took ${figure(meanMsBefore)} ms on average`]
}

function planText(of: Case, suspect: Suspect): readonly string[] {
  const planned = of.plans[suspect.fingerprint]
  if (planned === undefined) return ['its plan is not known yet']
  if (!planned.plan) return [`its plan could not be had: ${planned.reason ?? 'no reason given'}`]
  const scan = sequentialScans(planned.plan)[0]
  if (scan === undefined) return ['plan: no table is read as a whole']
  const filter = scan.filter === null ? '' : `, filter ${scan.filter}`
  const sort = scan.sortKeys.length === 0 ? '' : `, sorted by ${scan.sortKeys.join(', ')}`
  return [`plan: Seq Scan on ${scan.table}${filter}${sort}`]
}

/** Indexes that would serve the statement's plan if they were valid. */
function invalidText(of: Case, suspect: Suspect): readonly string[] {
  const plan = of.plans[suspect.fingerprint]?.plan
  if (!plan) return []
  return of.invalid.flatMap((index) => {
    const match = matchIndex(index, plan)
    if (match === null) return []
    const why = match.reasons.join(', and ')
    return [`the index ${index.name} of ${index.table} is there but not valid, so it is not used: ${why}`]
  })
}

function goBack(of: Case): string {
  const { service, release, rollbackTo } = of
  if (rollbackTo !== null) return `The rollback to ${rollbackTo} is decided: it ends the statement's sessions.`
  return release === null
    ? ''
    : `Roll back ${service} to ${release.previous}: the statement came with ${release.release}.`
}

const concurrently = (definition: string): string =>
  definition.replace(
    /^CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)/i,
    (_, unique = '') => `CREATE ${unique}INDEX CONCURRENTLY `,
  )

/** The words on how the index went away, and on whether going back helps. */
function dropWords(of: Case, { index, migration, at }: DroppedIndex, came: boolean) {
  const back = [goBack(of)].filter((text) => text !== '')
  const before = spanText(elapsed({ from: at, to: of.at }))
  if (migration === null) {
    return {
      kind: 'index-dropped',
      what: `The index ${index.name} of ${index.table} is gone, dropped by no migration that is known`,
      evidence: `${index.name} was seen missing at ${clock(at)}, ${before} before; no known migration dropped it`,
      advice: came ? back : ['A rollback does not help: no release took the index away.'],
    }
  }
  const { release, file, line } = migration
  return {
    kind: 'index-dropped-by-release',
    what: `${release} dropped the index ${index.name} (${file}:${line})`,
    evidence: `${file}:${line} of ${release} dropped ${index.name} at ${clock(at)}, ${before} before`,
    advice: came
      ? back
      : [`A rollback alone does not help: the statement is older than ${release}, and the index stays away.`],
  }
}

/** The index that a statement misses was dropped, by a migration or by hand. */
export function indexCause(
  of: Case,
  found: {
    readonly suspect: Suspect
    readonly score: number
    readonly dropped: DroppedIndex
    readonly match: IndexMatch
    /** The statement came with the release. */
    readonly came: boolean
  },
): CauseFact {
  const { suspect, score, dropped, match, came } = found
  const { index, migration } = dropped
  const words = dropWords(of, dropped, came)
  const filter = match.scan.filter === null ? '' : `, filter ${match.scan.filter}`
  const sort = match.scan.sortKeys.length === 0 ? '' : `, sorted by ${match.scan.sortKeys.join(', ')}`
  return {
    ...NOTHING,
    kind: words.kind,
    summary:
      `${words.what}, and a statement of ${of.service} now reads all of ` +
      `${match.scan.table} each time; it holds ${percentText(suspect.timeShare)} of the database time.`,
    score,
    release: migration?.release ?? null,
    statement: suspect.statement,
    fingerprint: suspect.fingerprint,
    index,
    migrationFile: migration?.file ?? null,
    migrationLine: migration?.line ?? null,
    plan: planOf(of, suspect),
    evidence: [
      words.evidence,
      `plan: Seq Scan on ${match.scan.table}${filter}${sort}; of the dropped index: ${match.reasons.join(', and ')}`,
      ...sessionsText(of, suspect),
      ...costText(of, suspect),
      ...invalidText(of, suspect),
    ],
    refutedBy: [
      `The statement stays slow although an index such as ${index.name} is there again and valid.`,
      `The statement was as slow before ${clock(dropped.at)}.`,
    ],
    advice: [
      ...words.advice,
      `Create the index again, which takes a while on a large table: ${concurrently(index.definition)}`,
      `More connections will not help: each would read all of ${match.scan.table} at the same time, and fill up as well.`,
      'More replicas will not help: they run the same statement in the same database.',
    ],
  }
}

/** A statement of the release is slow, and no index was taken from it. */
export function statementCause(
  of: Case,
  found: { readonly suspect: Suspect; readonly score: number; readonly release: NonNullable<Case['release']> },
): CauseFact {
  const { suspect, score, release } = found
  const others = of.dropped.filter((one) => one.migration?.release === release.release).map((one) => one.index.name)
  const plan = of.plans[suspect.fingerprint]?.plan
  const whether = plan
    ? 'which this plan would not use'
    : 'and without the plan it cannot be told whether this statement misses it'
  const unrelated = others.length === 0 ? [] : [`the release dropped ${others.join(', ')}, ${whether}`]
  return {
    ...NOTHING,
    kind: 'slow-statement-of-release',
    summary: `A statement of ${release.release} holds ${percentText(suspect.timeShare)} of the database time: ${short(suspect.statement)}`,
    score,
    release: release.release,
    statement: suspect.statement,
    fingerprint: suspect.fingerprint,
    plan: planOf(of, suspect),
    evidence: [
      ...costText(of, suspect),
      ...sessionsText(of, suspect),
      ...planText(of, suspect),
      ...invalidText(of, suspect),
      ...unrelated,
    ],
    refutedBy: [`The database time stays as high when no session of ${of.service}@${release.release} is left.`],
    advice: [
      goBack(of),
      'More connections or replicas will not help: they run the same statement in the same database.',
    ],
  }
}

/** The sessions wait for a lock. */
export function lockCause(of: Case, score: number): CauseFact {
  const { locked, active } = of.pressure
  const waiting = of.suspects[0]
  return {
    ...NOTHING,
    kind: 'lock-queue',
    summary: `Sessions of ${of.service} wait for a lock: ${locked} of ${active} sightings of active sessions.`,
    score,
    statement: waiting?.statement ?? null,
    fingerprint: waiting?.fingerprint ?? null,
    evidence: [
      `${locked} of ${active} active sessions seen in ${of.pressure.looks} looks waited for a lock`,
      ...(waiting === undefined ? [] : [`most of the time goes to: ${short(waiting.statement)}`]),
    ],
    refutedBy: ['No session holds a lock that the waiting ones ask for (pg_blocking_pids is empty).'],
    advice: [
      "Find who blocks: select pid, pg_blocking_pids(pid), state, query from pg_stat_activity where wait_event_type = 'Lock'; end that session.",
      'More connections or replicas will not help: they queue behind the same lock.',
    ],
  }
}

/** The pool is full though the database does little. */
export function poolCause(of: Case, score: number): CauseFact {
  const { poolPercent, poolPending, active, poolUsed, idleInTransaction } = of.pressure
  const idle = idleInTransaction > 0 ? [`${idleInTransaction} sightings of sessions idle in a transaction`] : []
  return {
    ...NOTHING,
    kind: 'pool-exhausted',
    summary: `The pool of ${of.service} is full (${figure(poolPercent ?? 0)} %) while the database is mostly idle.`,
    score,
    release: of.release?.release ?? null,
    evidence: [
      `pool ${figure(poolPercent ?? 0)} % in use, ${figure(poolPending)} requests waiting on average`,
      `only ${active} of ${poolUsed} connections in use were running a statement when looked at`,
      ...idle,
    ],
    refutedBy: ['The connections in use turn out to run statements.'],
    advice: [
      'Look for code that keeps a connection while it waits for something else: a call to another service, an open transaction.',
      'A larger pool only delays it while connections are kept for so long.',
    ],
  }
}

/** Nothing speaks clearly for any cause: what was seen, and the closest guess. */
export function unknownCause(of: Case, considered: readonly CauseFact[]): CauseFact {
  const top = of.suspects[0]
  const release =
    of.release === null
      ? 'no release in the last day'
      : `${of.release.release} was released at ${clock(of.release.requestedAt)}`
  const best = considered[0]
  return {
    ...NOTHING,
    kind: 'unknown',
    summary: 'The evidence is too thin to name a cause.',
    score: 0,
    statement: top?.statement ?? null,
    fingerprint: top?.fingerprint ?? null,
    plan: top === undefined ? [] : planOf(of, top),
    evidence: [
      release,
      ...(top === undefined
        ? ['no statement of the service was seen running']
        : [
            `most database time (${percentText(top.timeShare)}) goes to: ${short(top.statement)}`,
            ...planText(of, top),
          ]),
      ...(best === undefined ? [] : [`closest guess: ${best.summary} (score ${figure(best.score)})`]),
    ],
    refutedBy: [],
    advice: ['Look at what changed outside the releases: traffic, data, configuration, other users of the database.'],
  }
}
