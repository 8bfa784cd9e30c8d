import type { Migration } from 'kysely'
import { clock } from './0001-clock.ts'
import { events } from './0002-events.ts'
import { decisions } from './0003-decisions.ts'
import { samples } from './0004-samples.ts'
import { writerRole } from './0005-writer-role.ts'

/** By name, run in the order of the names. One that was published is never changed; a new one is added behind it. */
export const LEDGER_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-clock': clock,
  '0002-events': events,
  '0003-decisions': decisions,
  '0004-samples': samples,
  '0005-writer-role': writerRole,
}
