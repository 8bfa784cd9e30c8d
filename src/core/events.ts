/**
 * The vocabulary that all stages share. Stages never call one another: what one must know of another is one of these.
 * An event is never changed or removed; new kinds and new optional fields may be added.
 */
import type { EventId, IdempotencyKey } from '../base/ids.ts'
import type { DurationMs, EpochMs } from '../base/time.ts'
import type { Percent, ReleaseId, ServiceName } from '../base/units.ts'

/** Who says it. `person` acts by hand; `client` is the traffic's own view; `platform` runs the replicas. */
export interface Source {
  readonly kind: 'premortem' | 'person' | 'client' | 'postgres' | 'platform'
  readonly name: string
}

export type Severity = 'warning' | 'critical'
export type IncidentSeverity = 'SEV-1' | 'SEV-2' | 'SEV-3'

export interface Weight {
  readonly release: ReleaseId
  /** 0 to 100; the weights of a service add up to 100. */
  readonly weight: Percent
}

export interface IndexFact {
  /** Unqualified unless it lies outside `public`. */
  readonly name: string
  readonly table: string
  /** `pg_get_indexdef`. */
  readonly definition: string
}

/** One statement of a migration, as it really ran. Lines count from 1. */
export interface AppliedStatement {
  readonly release: ReleaseId
  readonly file: string
  readonly line: number
  readonly sql: string
  readonly took: DurationMs
  readonly dropped: readonly IndexFact[]
  readonly created: readonly IndexFact[]
}

export interface CauseFact {
  /** Such as `index-dropped-by-release`; `unknown` when the evidence is thin. */
  readonly kind: string
  /** One sentence, with the names and numbers. */
  readonly summary: string
  /** 0 to 1. */
  readonly score: number
  readonly release: ReleaseId | null
  readonly statement: string | null
  readonly fingerprint: string | null
  readonly index: IndexFact | null
  readonly migrationFile: string | null
  readonly migrationLine: number | null
  /** The plan of the statement now, one line a node. */
  readonly plan: readonly string[]
  /** Sentences, strongest first. */
  readonly evidence: readonly string[]
  /** What would refute it. */
  readonly refutedBy: readonly string[]
  /** What would help, and what would not, one sentence each. */
  readonly advice: readonly string[]
}

/** A setting of the database; null where it is not set. */
export interface SettingChange {
  readonly name: string
  readonly from: string | null
  readonly to: string | null
}

/** Counts of one act, made by the traffic's own client. */
export interface TrafficCounts {
  readonly sent: number
  readonly succeeded: number
  readonly failed: number
  readonly dropped: number
}

export interface Facts {
  'act.started': { act: 'unguarded' | 'guarded'; scenario: string; paceMs: DurationMs; scenarioStart: string }
  'act.finished': { act: 'unguarded' | 'guarded' }

  'release.requested': {
    release: ReleaseId
    previous: ReleaseId
    /** Weights in percent, in order: `[10, 50, 100]`, or `[100]` for all at once. */
    steps: readonly number[]
    automaticRollback: boolean
    replicas: number
    poolMaxPerReplica: number
    /** Checks that said no and were overridden on purpose, with the reason. */
    overridden: readonly string[]
    /** Links for the postmortem: pull request, changelog. */
    links: readonly string[]
  }
  'release.abort-requested': { release: ReleaseId; reason: string }
  /** The judge's finding; recorded when it changes or ends a step, not every second. */
  'release.judged': {
    release: ReleaseId
    verdict: 'pass' | 'bad' | 'everything-bad' | 'no-data'
    rule: string
    why: readonly string[]
  }
  'release.rollback-decided': { release: ReleaseId; to: ReleaseId; why: readonly string[] }
  'release.rolled-back': { release: ReleaseId; to: ReleaseId }
  'release.promoted': { release: ReleaseId }
  'release.failed': { release: ReleaseId; reason: string }
  'migration.applied': AppliedStatement
  'replicas.started': { release: ReleaseId; replicas: number; poolMaxPerReplica: number }
  'replicas.stopped': { release: ReleaseId; replicas: number }
  'weights.set': { weights: readonly Weight[] }
  'config.changed': { key: string; from: string; to: string; restarted: boolean }
  'service.scaled': { from: number; to: number }

  'index.build-started': { index: string; table: string; sql: string }
  'index.build-finished': { index: string; table: string; took: DurationMs; valid: boolean; error: string | null }

  /** The first look at the catalog since the watch began. */
  'database.inspected': {
    settings: Readonly<Record<string, string>>
    indexes: number
    /** Names of the indexes that queries cannot use. */
    invalid: readonly string[]
  }
  /** How the catalog differs from the look before. An index that is another one under the same name is in both lists. */
  'database.changed': {
    settings: readonly SettingChange[]
    dropped: readonly IndexFact[]
    created: readonly IndexFact[]
    /** Names of those that became invalid, or were created so. */
    invalid: readonly string[]
    /** Names of those that were invalid and are valid now. */
    valid: readonly string[]
  }

  'alert.fired': {
    rule: string
    severity: Severity
    release: ReleaseId | null
    value: number
    threshold: number
    unit: string
    /** One sentence for the person at 3 a.m. */
    message: string
  }
  'alert.resolved': { rule: string; severity: Severity; value: number; message: string }

  'incident.opened': { incident: string; title: string; because: EventId }
  'incident.severity-set': { incident: string; severity: IncidentSeverity }
  'incident.acknowledged': { incident: string; by: string }
  'incident.role-assigned': { incident: string; role: string; to: string }
  'incident.mitigated': { incident: string; why: string }
  'incident.resolved': { incident: string; why: string }
  'incident.note': { text: string; links: readonly string[] }
  /** A mitigation tried: hypothesis and expectation before, observation after. */
  'attempt.started': { attempt: number; action: string; command: string; hypothesis: string; expected: string }
  'attempt.finished': { attempt: number; observed: string; helped: 'yes' | 'no' | 'worse' | 'partly' | 'unknown' }
  'cause.named': CauseFact
  /** A finding of people, in their words. */
  'finding.made': { text: string; rootCause: boolean }
  'notice.sent': { audience: 'stakeholders' | 'support' | 'public' | 'management'; text: string }

  'queue.drained': { processed: number; remaining: number; took: DurationMs }
  'reconciliation.finished': {
    told: number
    settled: number
    failed: number
    refunded: number
    open: number
    lost: number
    double: number
  }
  'traffic.counted': TrafficCounts & { failedPayments: number; delayedPayments: number; recoveredPayments: number }

  /** Why the state of a decider changed, and what it asked for. Written in the same transaction as that state. */
  'decision.made': { decider: string; because: EventId; why: readonly string[]; commands: readonly string[] }
  'command.succeeded': { key: IdempotencyKey; command: string }
  'command.failed': { key: IdempotencyKey; command: string; error: string; attempts: number }
  'timer.elapsed': { timer: string }
}

export type FactType = keyof Facts
export type Fact = { [T in FactType]: { readonly type: T; readonly data: Facts[T] } }[FactType]

/** Where a ledger's events belong: a drill's act and production are kept apart by the environment. */
export interface Stream {
  /** `production`, `drill-20260301T101500-guarded`, … */
  readonly environment: string
  readonly service: ServiceName
}

/** A fact, before the ledger has given it its number. */
export type NewEvent = Fact & { readonly at: EpochMs; readonly source: Source }

/** A fact on the ledger. `sequence` counts from 1 without gaps within its stream; `id` is unique within the environment. */
export type LedgerEvent = NewEvent & Stream & { readonly id: EventId; readonly sequence: number }

/** When it happened, and who says so. */
export interface Said {
  readonly at: EpochMs
  readonly source: Source
}

/** Builds a new event; the compiler checks `data` against `type`. */
export function fact<T extends FactType>(said: Said, type: T, data: Facts[T]): NewEvent {
  return { type, data, ...said } as NewEvent
}
