import type { LedgerEvent } from '../../core/events.ts'
import { describe, worthTelling } from '../../core/learn/describe.ts'
import { plain } from '../../core/learn/rich.ts'
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

/** One line for the live view, or null for what need not be said. */
export function narrate(event: LedgerEvent): { readonly text: string; readonly tone: Tone } | null {
  if (!worthTelling(event)) return null
  const tone: Tone = BAD.has(event.type) ? 'bad' : GOOD.has(event.type) ? 'good' : 'plain'
  return { text: plain(describe(event)), tone }
}
