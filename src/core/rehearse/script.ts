/** What a scenario is made of: the releases, and what the people of the record did at which minute. Data only. */
import type { ReleaseId, ServiceName } from '../../base/units.ts'
import type { Facts, IncidentSeverity } from '../events.ts'

/** Something that a person says or finds; recorded, nothing is carried out. */
type Words =
  | { readonly do: 'acknowledge' }
  | { readonly do: 'assign-role'; readonly role: string; readonly to: string }
  | { readonly do: 'set-severity'; readonly severity: IncidentSeverity }
  | { readonly do: 'note'; readonly text: string; readonly links?: readonly string[] }
  | { readonly do: 'finding'; readonly text: string; readonly rootCause: boolean }
  | { readonly do: 'notice'; readonly audience: Facts['notice.sent']['audience']; readonly text: string }
  | { readonly do: 'decide-rollback'; readonly reason: string }
  | { readonly do: 'resolve'; readonly text: string }

/** Something that a person does to the running system; carried out for real. */
type Deeds =
  | { readonly do: 'build-index'; readonly sql: string; readonly index: string; readonly table: string }
  | { readonly do: 'resize-pool'; readonly from: number; readonly to: number }
  | { readonly do: 'scale'; readonly from: number; readonly to: number }
  | { readonly do: 'roll-back'; readonly reason: string }
  | { readonly do: 'release'; readonly release: ReleaseId }
  | { readonly do: 'drain-queue' }

/** The words around a mitigation attempt. */
export interface AttemptWords {
  readonly attempt: number
  readonly action: string
  readonly command: string
  readonly hypothesis: string
  readonly expected: string
  /** Incident minutes after which people looked whether it had helped. */
  readonly observeAfterMinutes: number
}

export type PersonAction = {
  /** `HH:MM` of the incident's day. */
  readonly at: string
  readonly by: string
} & (Words | (Deeds & { readonly words?: AttemptWords }))

/** An incident to rehearse. */
export interface Script {
  readonly id: string
  readonly title: string
  readonly service: ServiceName
  /** ISO 8601, UTC: when the traffic starts to count. */
  readonly start: string
  readonly deployAt: string
  readonly endAt: string
  /** Incident minutes that the guarded act is watched after its deployment, at the most. */
  readonly guardedMinutes: number
  readonly stable: ReleaseId
  readonly bad: ReleaseId
  readonly fix: ReleaseId
  /** What the bad release does to the database: timed once on this machine to size the traffic. */
  readonly probe: { readonly without: string; readonly sql: string }
  readonly replicas: number
  /** Connections of the service over all replicas. */
  readonly poolTotal: number
  readonly links: readonly string[]
  readonly people: readonly PersonAction[]
}
