/** Builds observations for tests: one service, figures per release, one observation a second. */
import { type EpochMs, epochMs, ms, seconds } from '../../src/base/time.ts'
import { type ReleaseId, releaseId, serviceName } from '../../src/base/units.ts'
import { type Facts, type FactType, fact, type LedgerEvent } from '../../src/core/events.ts'
import type {
  DatabaseInventory,
  DatabaseSample,
  Observation,
  RunningStatement,
  ServiceSample,
  StatementDelta,
} from '../../src/core/watch/samples.ts'
import { LATENCY_BOUNDS_MS } from '../../src/core/watch/samples.ts'

export const SERVICE = serviceName('payment-service')
export const GOOD = releaseId('2.3.0')
export const BAD = releaseId('2.3.1')
export const START: EpochMs = epochMs(1_710_512_100_000)
export const at = (second: number): EpochMs => epochMs(START + second * 1000)

export interface Seen {
  readonly requests?: number
  readonly errors?: number
  /** All requests of the interval took this long. */
  readonly latencyMs?: number
  readonly databaseMs?: number
  readonly used?: number
  readonly max?: number
  readonly pending?: number
  /** Sessions that run a statement. */
  readonly active?: number
  /** Of the active sessions, waiting for a lock. */
  readonly locked?: number
  readonly idleInTransaction?: number
}

export function histogram(latencyMs: number, count: number): number[] {
  const buckets = new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0)
  const found = LATENCY_BOUNDS_MS.findIndex((bound) => latencyMs <= bound)
  buckets[found === -1 ? LATENCY_BOUNDS_MS.length : found] = count
  return buckets
}

function sample(when: EpochMs, release: ReleaseId, seen: Seen): ServiceSample {
  const requests = seen.requests ?? 0
  return {
    at: when,
    interval: seconds(1),
    service: SERVICE,
    release,
    requests,
    errors: seen.errors ?? 0,
    latency: histogram(seen.latencyMs ?? 5, requests),
    databaseMs: seen.databaseMs ?? requests * 2,
    pool: { used: seen.used ?? 10, max: seen.max ?? 100, pending: seen.pending ?? 0 },
    replicas: 3,
  }
}

export interface DatabaseSeen {
  readonly running?: readonly RunningStatement[]
  readonly statements?: readonly StatementDelta[]
  readonly indexBuilds?: DatabaseSample['indexBuilds']
  readonly inventory?: DatabaseInventory | null
}

/** `releases` null: the scrape failed. `database` null: the database could not be looked at. */
export function observation(
  second: number,
  releases: Readonly<Record<string, Seen>> | null,
  database: DatabaseSeen | null = {},
): Observation {
  const when = at(second)
  const seen = Object.entries(releases ?? {}).map(([release, one]) => [releaseId(release), one] as const)
  const group = (release: ReleaseId, state: string, of: { count: number; wait: string | null }) => ({
    application: `${SERVICE}@${release}`,
    service: SERVICE,
    release,
    state,
    waitEventType: of.wait,
    waitEvent: null,
    count: of.count,
  })
  return {
    at: when,
    services: seen.map(([release, one]) => sample(when, release, one)),
    database: database && {
      at: when,
      interval: seconds(1),
      activity: seen.flatMap(([release, one]) => [
        group(release, 'active', { count: (one.active ?? 0) - (one.locked ?? 0), wait: null }),
        group(release, 'active', { count: one.locked ?? 0, wait: 'Lock' }),
        group(release, 'idle in transaction', { count: one.idleInTransaction ?? 0, wait: 'Client' }),
      ]),
      running: database.running ?? [],
      statements: database.statements ?? [],
      indexBuilds: database.indexBuilds ?? [],
      connections: { used: 20, max: 200, reserved: 3 },
      inventory: database.inventory ?? null,
    },
    missing: releases === null ? ['payment-service: connection refused'] : [],
  }
}

export const running = (
  second: number,
  of: { pid: number; release: string; query: string; age: number; wait?: string; queryId?: string },
): RunningStatement => ({
  pid: of.pid,
  service: SERVICE,
  release: releaseId(of.release),
  queryId: of.queryId ?? null,
  query: of.query,
  startedAt: epochMs(at(second) - of.age * 1000),
  age: ms(of.age * 1000),
  waitEventType: of.wait ?? null,
  waitEvent: null,
})

/** Numbers the events of one stream. */
export function ledger() {
  let sequence = 0
  return <T extends FactType>(second: number, type: T, data: Facts[T]): LedgerEvent => {
    sequence += 1
    const base = fact({ at: at(second), source: { kind: 'platform', name: 'test' } }, type, data)
    const id = `${SERVICE}/${sequence}` as LedgerEvent['id']
    return { ...base, environment: 'test', service: SERVICE, id, sequence } as LedgerEvent
  }
}
