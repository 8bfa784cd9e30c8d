import type { ReleaseId, ServiceName } from '../../base/units.ts'
import type { AppliedStatement, Weight } from '../events.ts'

export interface ReplicaSet {
  readonly service: ServiceName
  readonly release: ReleaseId
  readonly replicas: number
  readonly poolMaxPerReplica: number
}

export interface Replica {
  /** Unique while it lives: `payment-service@2.3.1-1`. */
  readonly id: string
  readonly service: ServiceName
  readonly release: ReleaseId
  /** Base address, `http://127.0.0.1:41234`. */
  readonly url: string
  readonly pid: number
}

/** Runs replicas. Idempotent: asks for a state, not for a change. */
export interface Deployments {
  /** Brings a release to this many healthy replicas with this pool size; replicas with another pool size are replaced. */
  ensure(set: ReplicaSet, signal: AbortSignal): Promise<readonly Replica[]>
  /** Ends all replicas of a release: no new work, a grace period, then by force. Resolves when none is left. */
  remove(service: ServiceName, release: ReleaseId): Promise<number>
  list(): readonly Replica[]
}

/** Sends shares of a service's traffic to its releases. */
export interface TrafficRouter {
  /** Names the replicas that may be used. */
  setReplicas(service: ServiceName, replicas: readonly Replica[]): Promise<void>
  setWeights(service: ServiceName, weights: readonly Weight[]): Promise<void>
}

/** Runs a release's own migrations, statement by statement, each applied once. */
export interface Migrations {
  apply(release: ReleaseId, signal: AbortSignal): Promise<readonly AppliedStatement[]>
}
