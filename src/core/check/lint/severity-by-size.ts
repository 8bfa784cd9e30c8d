/**
 * How bad a lock is at production's size. The same statement is an error on a table of 50 million rows that is asked 1,240
 * times a minute, and a note on one of 200 rows: what counts is how many statements wait, and for how long.
 *
 * | blocked for up to | busy (≥ 60/min) | used | idle (< 1/min) | not counted |
 * |---|---|---|---|---|
 * | ≥ 10 s | error | error | warning | error |
 * | 1 s to 10 s | error | warning | note | warning |
 * | 0.1 s to 1 s | warning | note | note | note |
 * | < 0.1 s | note | note | note | note |
 *
 * A lock that blocks only DDL is a note, except that a rule's own warning stays one on a run of a minute or more. What
 * changes the catalog only (`instant`) keeps the rule's level: it waits for the lock in front of everybody else, however
 * large the table; on a small table that is hardly used it is a note.
 */
import type { DurationEstimate } from '../duration.ts'
import type { LockMode, Work } from '../finding.ts'
import type { FindingSeverity } from '../severity.ts'

/** What a lock holds up. */
export type Blocks = 'reads and writes' | 'writes' | 'only DDL' | 'nothing'

const BLOCKS: Readonly<Record<LockMode, Blocks>> = {
  AccessShare: 'nothing',
  RowShare: 'nothing',
  RowExclusive: 'nothing',
  ShareUpdateExclusive: 'only DDL',
  Share: 'writes',
  ShareRowExclusive: 'writes',
  Exclusive: 'writes',
  AccessExclusive: 'reads and writes',
}

/** Source: "Explicit Locking" of the PostgreSQL documentation, table of conflicting lock modes. */
export const blockedBy = (lock: LockMode): Blocks => BLOCKS[lock]

/** Statements per minute from which a table is busy, and below which it is idle. */
const BUSY_PER_MINUTE = 60
const IDLE_PER_MINUTE = 1
/** Rows below which a table is small. */
const SMALL_ROWS = 10_000
const LONG_MS = 10_000
const NOTICED_MS = 1000
const SHORT_MS = 100
const LONG_DDL_MS = 60_000

/** A lock on a table of known size. */
export interface SizedLock {
  readonly level: FindingSeverity
  readonly lock: LockMode
  readonly work: Work
  readonly estimate: DurationEstimate
  readonly rows: number
  /** Null: nobody counted. */
  readonly callsPerMinute: number | null
}

type Traffic = 'busy' | 'used' | 'idle' | 'uncounted'

function trafficOf(callsPerMinute: number | null): Traffic {
  if (callsPerMinute === null) return 'uncounted'
  if (callsPerMinute >= BUSY_PER_MINUTE) return 'busy'
  return callsPerMinute < IDLE_PER_MINUTE ? 'idle' : 'used'
}

const NOTES: Readonly<Record<Traffic, FindingSeverity>> = {
  busy: 'note',
  used: 'note',
  idle: 'note',
  uncounted: 'note',
}
const BY_DURATION: readonly { readonly fromMs: number; readonly severity: typeof NOTES }[] = [
  { fromMs: LONG_MS, severity: { busy: 'error', used: 'error', idle: 'warning', uncounted: 'error' } },
  { fromMs: NOTICED_MS, severity: { busy: 'error', used: 'warning', idle: 'note', uncounted: 'warning' } },
  { fromMs: SHORT_MS, severity: { ...NOTES, busy: 'warning' } },
]

/** See the head of this file. */
export function severityBySize(sized: SizedLock): FindingSeverity {
  const { level, lock, work, estimate, rows } = sized
  const traffic = trafficOf(sized.callsPerMinute)
  const blocks = blockedBy(lock)
  if (work === 'instant') return rows < SMALL_ROWS && traffic !== 'busy' && traffic !== 'uncounted' ? 'note' : level
  if (blocks === 'nothing') return level
  if (blocks === 'only DDL') return level !== 'note' && estimate.highMs >= LONG_DDL_MS ? 'warning' : 'note'
  return BY_DURATION.find(({ fromMs }) => estimate.highMs >= fromMs)?.severity[traffic] ?? 'note'
}
