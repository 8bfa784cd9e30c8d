/** The last rollback, and which alerts come after it without being news. */
import { type DurationMs, type EpochMs, elapsed } from '../../base/time.ts'
import type { ReleaseId } from '../../base/units.ts'
import type { LedgerEvent } from '../events.ts'
import { spanText } from '../wording.ts'

/** A rollback that is complete. JSON. */
export interface Rollback {
  readonly release: ReleaseId
  readonly to: ReleaseId
  readonly at: EpochMs
}

type EventOf<T extends LedgerEvent['type']> = Extract<LedgerEvent, { type: T }>

/** What is kept of it. */
export const remembered = ({ at, data }: EventOf<'release.rolled-back'>): Rollback => ({
  release: data.release,
  to: data.to,
  at,
})

/**
 * Why an alert needs no other mitigation than the rollback before it, with the numbers; null when it does.
 * An alert of another release is news. One of the release that the traffic went back to is not: both share the database, and
 * it suffers from what the other one left there.
 */
export function trailing(last: Rollback | null, alert: EventOf<'alert.fired'>, atMost: DurationMs): string | null {
  if (last === null) return null
  const { release } = alert.data
  if (release !== null && release !== last.release && release !== last.to) return null
  const since = elapsed({ from: last.at, to: alert.at })
  if (since > atMost) return null
  const when = since > 0 ? `${spanText(since)} before this alert` : 'by the time of this alert'
  const limit = `an alert up to ${spanText(atMost)} after a rollback looks at what it ended`
  return `release ${last.release} was rolled back to ${last.to} ${when} (${limit})`
}
