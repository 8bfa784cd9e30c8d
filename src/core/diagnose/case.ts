/** Everything that a cause is judged by. */
import type { EpochMs } from '../../base/time.ts'
import type { ReleaseId, ServiceName } from '../../base/units.ts'
import type { IndexFact } from '../events.ts'
import type { PlanNode } from './ports.ts'
import type { Pressure, Suspect } from './suspects.ts'

/** An index that a migration dropped, with where that is written. */
export interface DroppedIndex {
  readonly release: ReleaseId
  readonly file: string
  readonly line: number
  readonly at: EpochMs
  readonly index: IndexFact
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
  /** Indexes dropped by migrations and not there again. */
  readonly dropped: readonly DroppedIndex[]
  readonly suspects: readonly Suspect[]
  /** By fingerprint. */
  readonly plans: Readonly<Record<string, Planned>>
  readonly pressure: Pressure
  /** A rollback that was decided already. */
  readonly rollbackTo: ReleaseId | null
}
