import type { LedgerEvent } from '../../core/events.ts'
import { describe, worthTelling } from '../../core/learn/describe.ts'
import { plain } from '../../core/learn/rich.ts'
import { untold } from '../../core/learn/tellings.ts'
import type { Tone } from './live.ts'

const BAD: ReadonlySet<LedgerEvent['type']> = new Set([
  'alert.fired',
  'command.failed',
  'release.failed',
  'incident.opened',
])
const GOOD: ReadonlySet<LedgerEvent['type']> = new Set([
  'release.promoted',
  'release.rolled-back',
  'release.rollback-decided',
  'cause.named',
  'incident.resolved',
  'alert.resolved',
])

/** One line for the live view, or null for what need not be said. `before`: what happened so far, this event included. */
export function narrate(
  event: LedgerEvent,
  before: readonly LedgerEvent[],
): { readonly text: string; readonly tone: Tone } | null {
  const told = shortly(event, before)
  if (told === null || !worthTelling(told)) return null
  const tone: Tone = BAD.has(event.type) ? 'bad' : GOOD.has(event.type) ? 'good' : 'plain'
  return { text: plain(describe(told)), tone }
}

/** What passes by is told more shortly than what is written down: nothing twice. */
function shortly(event: LedgerEvent, before: readonly LedgerEvent[]): LedgerEvent | null {
  switch (event.type) {
    case 'database.changed':
      return untold(event, before)
    case 'migration.applied':
      return event.data.dropped.length + event.data.created.length === 0 ? null : event
    case 'release.rollback-decided':
      // The guard's reasons stand in the judgement above it, those of a person's order in the order.
      return event.source.kind === 'premortem' ? { ...event, data: { ...event.data, why: [] } } : event
    default:
      return event
  }
}
