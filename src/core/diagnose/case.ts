/** Everything that a cause is judged by. */
import type { EpochMs } from '../../base/time.ts'
import type { ReleaseId, ServiceName } from '../../base/units.ts'
import type { IndexFact } from '../events.ts'
import type { PlanNode } from '../postgres/plan-node.ts'
import type { Pressure, Suspect } from './suspects.ts'

/** Where a migration drops an index. */
export interface DroppingMigration {
  readonly release: ReleaseId
  readonly file: string
  readonly line: number
}

/** An index that is gone. */
export interface DroppedIndex {
  /** When the migration's statement was done; without one, when the index was seen missing. */
  readonly at: EpochMs
  readonly index: IndexFact
  /** Null when no known migration did it. */
  readonly migration: DroppingMigration | null
}

/** The release that may be to blame. */
export interface RecentRelease {
  readonly release: ReleaseId
  readonly previous: ReleaseId
  readonly requestedAt: EpochMs
}

/** What EXPLAIN said of a statement. */
export interface Planned {
  readonly plan: PlanNode | null
  /** Why there is no plan. */
  readonly reason: string | null
}

/** All that a cause is judged by. */
export interface Case {
  readonly service: ServiceName
  readonly at: EpochMs
  readonly release: RecentRelease | null
  /** Indexes that were dropped and are not there again. */
  readonly dropped: readonly DroppedIndex[]
  /** Indexes that are there and not valid. */
  readonly invalid: readonly IndexFact[]
  readonly suspects: readonly Suspect[]
  /** By fingerprint. */
  readonly plans: Readonly<Record<string, Planned>>
  readonly pressure: Pressure
  /** A rollback that was decided already. */
  readonly rollbackTo: ReleaseId | null
}
