/** Finds the statements that hold the database's time, and what else the sessions of a service are busy with. */
import type { ReleaseId, ServiceName } from '../../base/units.ts'
import { type Fingerprint, normaliseSql } from '../postgres/fingerprint.ts'
import type { Observation } from '../watch/samples.ts'
import { poolUtilisationPercent, totals } from '../windows.ts'
import {
  fingerprintDelta,
  fingerprintRunning,
  isApplicationStatement,
  keptText,
  type StatementMemory,
} from './memory.ts'

/** A statement and what it costs. */
export interface Suspect {
  readonly fingerprint: Fingerprint
  /** Normalised, for people. */
  readonly statement: string
  /** Texts to ask the plan of, best first: as it ran, then as pg_stat_statements keeps it. */
  readonly texts: readonly string[]
  /** Of the database time of the window, 0 to 1. */
  readonly timeShare: number
  /** Mean of the executions that ended in the window; null when none did. */
  readonly meanMs: number | null
  readonly calls: number
  /** Mean before the release; null when it was not seen then. */
  readonly meanMsBefore: number | null
  /** Not seen in the looks before the release, and there were enough of them. */
  readonly isNew: boolean
  /** Sightings in sessions of the service in the window, by release. */
  readonly sightings: Readonly<Record<ReleaseId, number>>
  /** Now: sessions of the service that run it, of all its active ones. */
  readonly sessionsNow: number
  readonly activeNow: number
  readonly oldestSeconds: number
  /** The release whose sessions were seen to run it most; null when none was. */
  readonly release: ReleaseId | null
}

/** What the sessions of a service do, summed over the window. */
export interface Pressure {
  /** Sightings of active sessions in the window, and of those that waited for a lock. */
  readonly active: number
  readonly locked: number
  readonly idleInTransaction: number
  readonly poolUsed: number
  readonly poolPercent: number | null
  /** Mean. */
  readonly poolPending: number
  readonly looks: number
}

/** Looks that a suspicion rests on. */
export const SUSPICION_LOOKS = 10
export const MAX_SUSPECTS = 3
/** Looks before a release that make "not seen before" mean something. */
const ENOUGH_LOOKS_BEFORE = 5

interface Found {
  calls: number
  endedMs: number
  runningMs: number
  sightings: Record<string, number>
  sessionsNow: number
  oldestMs: number
  text: string
}

const none = (text: string): Found => ({
  calls: 0,
  endedMs: 0,
  runningMs: 0,
  sightings: {},
  sessionsNow: 0,
  oldestMs: 0,
  text,
})

function collect(window: readonly Observation[], memory: StatementMemory, service: ServiceName) {
  const found = new Map<Fingerprint, Found>()
  const of = (fingerprint: Fingerprint, text: string) => {
    const one = found.get(fingerprint) ?? none(text)
    found.set(fingerprint, one)
    return one
  }
  const newest = window[window.length - 1]
  for (const observation of window) {
    for (const delta of observation.database?.statements ?? []) {
      if (!isApplicationStatement(delta.query)) continue
      const one = of(fingerprintDelta(memory, delta), delta.query)
      one.calls += delta.calls
      one.endedMs += delta.totalMs
    }
    for (const statement of observation.database?.running ?? []) {
      if (statement.service !== service || !isApplicationStatement(statement.query)) continue
      const one = of(fingerprintRunning(memory, statement), statement.query)
      if (statement.release !== null) one.sightings[statement.release] = (one.sightings[statement.release] ?? 0) + 1
      one.oldestMs = Math.max(one.oldestMs, statement.age)
      if (observation !== newest) continue
      one.sessionsNow += 1
      one.runningMs += statement.age
    }
  }
  return found
}

const busiest = (sightings: Readonly<Record<string, number>>): ReleaseId | null =>
  (Object.entries(sightings).sort(([, a], [, b]) => b - a)[0]?.[0] ?? null) as ReleaseId | null

/** The statements with the largest shares of the database's time, largest first. */
export function suspectsIn(
  recent: readonly Observation[],
  memory: StatementMemory,
  service: ServiceName,
): readonly Suspect[] {
  const window = recent.slice(-SUSPICION_LOOKS)
  const found = collect(window, memory, service)
  const all = [...found.values()]
  const time = all.reduce((sum, one) => sum + one.endedMs + one.runningMs, 0)
  const activeNow = all.reduce((sum, one) => sum + one.sessionsNow, 0)
  const suspects = [...found].map(([fingerprint, one]): Suspect => {
    const before = memory.before?.[fingerprint]
    const literal = memory.literal[fingerprint]
    const kept = keptText(memory, fingerprint)
    return {
      fingerprint,
      statement: normaliseSql(kept ?? literal ?? one.text),
      texts: [...new Set([literal, kept].filter((text) => text !== undefined && text !== null))],
      timeShare: time === 0 ? 0 : (one.endedMs + one.runningMs) / time,
      meanMs: one.calls === 0 ? null : one.endedMs / one.calls,
      calls: one.calls,
      meanMsBefore: before === undefined || before.calls === 0 ? null : before.totalMs / before.calls,
      isNew: memory.before !== null && before === undefined && memory.looksBefore >= ENOUGH_LOOKS_BEFORE,
      sightings: one.sightings,
      sessionsNow: one.sessionsNow,
      activeNow,
      oldestSeconds: one.oldestMs / 1000,
      release: busiest(one.sightings),
    }
  })
  return suspects.sort((a, b) => b.timeShare - a.timeShare).slice(0, MAX_SUSPECTS)
}

/** What the sessions of the service are busy with, whatever they run. */
export function pressureIn(recent: readonly Observation[], service: ServiceName): Pressure {
  // Without a look at the database nothing can be said of what its sessions do.
  const window = recent.slice(-SUSPICION_LOOKS).filter((one) => one.database !== null)
  const groups = window.flatMap(({ database }) => database?.activity ?? []).filter((group) => group.service === service)
  const count = (wanted: (group: (typeof groups)[number]) => boolean) =>
    groups.filter(wanted).reduce((sum, group) => sum + group.count, 0)
  const pool = totals(window, { service })
  return {
    active: count((group) => group.state === 'active'),
    locked: count((group) => group.state === 'active' && group.waitEventType === 'Lock'),
    idleInTransaction: count((group) => group.state.startsWith('idle in transaction')),
    poolUsed: pool === null ? 0 : pool.pool.used,
    poolPercent: pool === null ? null : poolUtilisationPercent(pool),
    poolPending: pool === null || pool.ticks === 0 ? 0 : pool.pool.pending / pool.ticks,
    looks: window.length,
  }
}
