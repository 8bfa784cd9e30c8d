import { type Clock, type DurationMs, ms } from '../../base/time.ts'
import type { LedgerEvent } from '../../core/events.ts'

const LOOK_EVERY = ms(100)

/** What `incidentsEnd` waits on. */
export interface IncidentsEnd {
  /** The ledger as it grows, newest last. */
  readonly events: readonly LedgerEvent[]
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly atMost: DurationMs
}

/** Waits until no incident is open, `atMost` so long. Resolves with the incident that still is, or null. */
export async function incidentsEnd({ events, clock, signal, atMost }: IncidentsEnd): Promise<string | null> {
  const deadline = clock.monotonic() + atMost
  let open = openIncident(events)
  while (open !== null && clock.monotonic() < deadline && !signal.aborted) {
    await clock.sleep(LOOK_EVERY, signal)
    open = openIncident(events)
  }
  return open
}

/** The incident that has been opened and not resolved. One of a service at a time: the last one tells. */
function openIncident(events: readonly LedgerEvent[]): string | null {
  const last = events.findLast((event) => event.type === 'incident.opened' || event.type === 'incident.resolved')
  return last?.type === 'incident.opened' ? last.data.incident : null
}
