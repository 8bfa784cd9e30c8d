/** Ranks what may be the cause, each with the numbers that speak for it. */
import type { EpochMs } from '../../base/time.ts'
import type { AppliedStatement, CauseFact, Facts, IndexFact } from '../events.ts'
import { parseIndexDefinition } from '../postgres/index-definition.ts'
import type { Case, DroppedIndex, RecentRelease } from './case.ts'
import { type IndexMatch, matchIndex } from './index-match.ts'
import type { Suspect } from './suspects.ts'
import { indexCause, lockCause, poolCause, statementCause, unknownCause } from './words.ts'

/** Below it a cause is not named: it is unknown. */
const MIN_SCORE = 0.5
/** A statement that holds less of the database's time is not what hurts. */
const MIN_TIME_SHARE = 0.1
/** As much as this is as good as all. */
const FULL_TIME_SHARE = 0.5
/** A statement faster than this, which did not grow either, is not slow. */
const SLOW_MS = 50
const GROWN = 10
/** Taken off where no migration is known to have dropped the index: who did it, and on purpose or not, is open. */
const DROPPER_UNKNOWN = 0.1
/** Sightings of sessions that say something about locks. */
const MIN_SIGHTINGS = 5

const limited = (value: number) => Math.max(0, Math.min(1, value))

/** How much speaks for the statement having come with, or changed by, the release: 0 to 1. */
function newness(suspect: Suspect, release: RecentRelease | null): number {
  if (release === null) return 0
  if (suspect.isNew) return 1
  const grown =
    suspect.meanMs !== null && suspect.meanMsBefore !== null && suspect.meanMs >= GROWN * suspect.meanMsBefore
  if (grown) return 0.9
  const own = suspect.sightings[release.release] ?? 0
  const all = Object.values(suspect.sightings).reduce((sum, count) => sum + count, 0)
  return all >= MIN_SIGHTINGS && own === all && suspect.meanMsBefore === null ? 0.7 : 0
}

const isSlow = (suspect: Suspect): boolean => (suspect.meanMs ?? 0) >= SLOW_MS || suspect.oldestSeconds >= 1

/** The dropped index that this statement misses most, if any. */
function missedIndex(
  of: Case,
  suspect: Suspect,
): { readonly dropped: DroppedIndex; readonly match: IndexMatch } | null {
  const plan = of.plans[suspect.fingerprint]?.plan
  if (!plan) return null
  const matches = of.dropped.flatMap((dropped) => {
    const match = matchIndex(dropped.index, plan)
    return match === null ? [] : [{ dropped, match }]
  })
  return matches.sort((a, b) => b.match.strength - a.match.strength || b.dropped.at - a.dropped.at)[0] ?? null
}

function ofStatement(of: Case, suspect: Suspect): readonly CauseFact[] {
  if (suspect.timeShare < MIN_TIME_SHARE || !isSlow(suspect)) return []
  const share = limited(suspect.timeShare / FULL_TIME_SHARE)
  const fresh = newness(suspect, of.release)
  const missed = missedIndex(of, suspect)
  const causes: CauseFact[] = []
  if (missed !== null) {
    // A new statement that only joins by the index's column, or shares its condition, would be slow with it as well.
    const doubt = suspect.isNew && !missed.match.direct ? 0.4 : 1
    const byHand = missed.dropped.migration === null ? DROPPER_UNKNOWN : 0
    const score = limited(0.3 + 0.35 * missed.match.strength * doubt + 0.2 * share + 0.15 * fresh) - byHand
    causes.push(indexCause(of, { suspect, score, came: fresh > 0 && suspect.meanMsBefore === null, ...missed }))
  }
  if (of.release === null || fresh === 0) return causes
  return [
    ...causes,
    statementCause(of, { suspect, score: limited(0.2 + 0.3 * share + 0.3 * fresh), release: of.release }),
  ]
}

function ofSessions(of: Case): readonly CauseFact[] {
  const { active, locked, idleInTransaction, poolUsed, poolPercent, poolPending } = of.pressure
  const causes: CauseFact[] = []
  const lockedShare = active === 0 ? 0 : locked / active
  if (locked >= MIN_SIGHTINGS && lockedShare >= 0.5) {
    causes.push(lockCause(of, limited(0.35 + 0.55 * lockedShare)))
  }
  const idleShare = poolUsed === 0 ? 0 : limited(1 - active / poolUsed)
  if (poolPercent !== null && poolPercent >= 90 && poolPending >= 1 && idleShare >= 0.7) {
    causes.push(poolCause(of, limited(0.2 + 0.45 * idleShare + (idleInTransaction >= MIN_SIGHTINGS ? 0.1 : 0))))
  }
  return causes
}

/** All causes that something speaks for, best first; the last is always `unknown`. */
export function rank(of: Case): readonly CauseFact[] {
  const causes = [...of.suspects.flatMap((suspect) => ofStatement(of, suspect)), ...ofSessions(of)]
  return [
    ...causes.filter((cause) => cause.score >= MIN_SCORE).sort((a, b) => b.score - a.score),
    unknownCause(of, causes),
  ]
}

/** Dropped indexes that are remembered; the oldest are forgotten. */
const MAX_DROPPED = 50

/** The same rows in the same order, whatever its name. */
function serves(created: IndexFact, dropped: IndexFact): boolean {
  if (created.name === dropped.name) return true
  const [one, other] = [parseIndexDefinition(created.definition), parseIndexDefinition(dropped.definition)]
  if (one === null || other === null || one.table !== other.table || one.method !== other.method) return false
  const begins = other.keys.every((key, at) => key.column !== null && key.column === one.keys[at]?.column)
  return begins && one.predicateColumns.every((column) => other.predicateColumns.includes(column))
}

/** What a migration says of indexes, put on the list: dropped ones come, those created again under any name go. */
export function withMigration(
  dropped: readonly DroppedIndex[],
  applied: AppliedStatement,
  at: EpochMs,
): readonly DroppedIndex[] {
  const { release, file, line } = applied
  const gone = applied.dropped.map((index) => ({ at, index, migration: { release, file, line } }))
  // The look may have missed an index before its migration was recorded: the migration knows more.
  const known = dropped.filter(
    (one) => one.migration !== null || !gone.some(({ index }) => index.name === one.index.name),
  )
  return stillMissing([...known, ...gone], applied.created)
}

/** What a look at the catalog says of indexes, put on the list; what a migration is known to have dropped stays its. */
export function withCatalog(
  dropped: readonly DroppedIndex[],
  change: Facts['database.changed'],
  at: EpochMs,
): readonly DroppedIndex[] {
  const gone = change.dropped
    .filter((index) => !dropped.some((one) => one.index.name === index.name))
    .map((index) => ({ at, index, migration: null }))
  const usable = change.created.filter(({ name }) => !change.invalid.includes(name))
  // The look may be older than a drop that is on the list already: that index is gone all the same.
  const later = dropped.filter((one) => one.at > at)
  const seen = dropped.filter((one) => one.at <= at && !change.valid.includes(one.index.name))
  return [...later, ...stillMissing([...seen, ...gone], usable)].slice(-MAX_DROPPED)
}

const stillMissing = (dropped: readonly DroppedIndex[], created: readonly IndexFact[]): readonly DroppedIndex[] =>
  dropped.filter((one) => !created.some((index) => serves(index, one.index))).slice(-MAX_DROPPED)
