/** What the release decider remembers. Plain data: it is kept as JSON between events. See SPEC.md. */
import type { IdempotencyKey } from '../../base/ids.ts'
import type { EpochMs } from '../../base/time.ts'
import type { ReleaseId } from '../../base/units.ts'
import type { CommandType } from '../commands.ts'
import type { Facts } from '../events.ts'

/** One rollout: a request that was taken on. */
export interface Rollout {
  /** Number of the request's event: tells a second rollout of the same release from the first. */
  readonly number: number
  readonly requestedAt: EpochMs
  readonly release: ReleaseId
  /** Where a rollback goes. Taken from the request, never guessed. */
  readonly previous: ReleaseId
  readonly steps: readonly number[]
  readonly automaticRollback: boolean
  readonly replicas: number
  readonly poolMaxPerReplica: number
}

/** The judge's word on a release. */
export type Verdict = Facts['release.judged']['verdict']

/** A command whose outcome is awaited. */
export interface Pending {
  readonly key: IdempotencyKey
  readonly type: CommandType
}

/** A timer of a step, and how often it was tried to set it. */
export interface Timer {
  readonly name: string
  readonly key: IdempotencyKey
  readonly attempt: number
}

interface Forward {
  readonly rollout: Rollout
  readonly step: number
}

/** The migrations run. */
export interface Migrating extends Forward {
  readonly phase: 'migrating'
  readonly waiting: Pending
}
/** The step's replicas are being started. */
export interface Starting extends Forward {
  readonly phase: 'starting'
  readonly waiting: Pending
}
/** The step's weights are being set. */
export interface Shifting extends Forward {
  readonly phase: 'shifting'
  readonly waiting: Pending
}
/** The step is being watched. */
export interface Holding extends Forward {
  readonly phase: 'holding'
  readonly since: EpochMs
  readonly holdOver: boolean
  readonly verdict: Verdict | null
  readonly hold: Timer
  /** Null when the policy waits without limit. */
  readonly limit: Timer | null
}
/** The way forward. */
export type UnderWay = Migrating | Starting | Shifting | Holding

/** The way back. */
export interface RollingBack {
  readonly phase: 'rolling-back'
  readonly rollout: Rollout
  /** `returned`: the weights are back, and a command of the way forward has yet to end. */
  readonly stage: 'restoring' | 'returning' | 'returned' | 'clearing'
  readonly waiting: Pending | null
  /** A command of the way forward that had not ended when the rollback began. */
  readonly stray: Pending | null
  /** The stray one may have moved the weights after they were returned: return them once more. */
  readonly again: boolean
  /** Counts all commands of this rollback, for their keys. */
  readonly attempt: number
  /** Failures of the present stage in a row. */
  readonly failures: number
  /** Taken on when this one is done. */
  readonly next: Rollout | null
}

/** The release has all traffic; the end of the previous one may still be awaited. */
export interface Promoted {
  readonly phase: 'promoted'
  readonly rollout: Rollout
  /** The stop of the previous release, while it has not ended. */
  readonly waiting: Pending | null
  /** An abort that came meanwhile. */
  readonly abort: string | null
  readonly next: Rollout | null
}

/** The traffic is back, the release is gone. */
export interface RolledBack {
  readonly phase: 'rolled-back'
  readonly rollout: Rollout
}

/** Nothing goes on by itself. */
export interface Failed {
  readonly phase: 'failed'
  readonly rollout: Rollout
  /** True when the traffic could not be returned: a person may ask for the rollback again. */
  readonly stranded: boolean
  /** Commands of the rollback so far. */
  readonly attempt: number
}

/** Where a service is with its releases. */
export type ReleaseState = { readonly phase: 'idle' } | UnderWay | RollingBack | Promoted | RolledBack | Failed

/** Failures of one stage of a rollback, each after the engine's own retries, until it is given up. */
export const MAX_FAILURES = 5
/** Steps of a rollout. */
export const MAX_STEPS = 20
/** Attempts to set one timer. */
export const MAX_TIMER_ATTEMPTS = 5
