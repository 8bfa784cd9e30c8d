/** Turns what a rule says into what a person reads: with the table's size, the lock, what waits and for how long. */
import { type DurationEstimate, estimateDuration } from '../duration.ts'
import type { LockMode, Work } from '../finding.ts'
import type { FindingSeverity } from '../severity.ts'
import type { KnownTable, LintHit, StatementContext } from './rule.ts'
import { blockedBy, severityBySize } from './severity-by-size.ts'

/** Characters of a query that are shown. */
const QUERY_CHARACTERS = 100
const LOCK_NAMES: Readonly<Record<LockMode, string>> = {
  AccessShare: 'ACCESS SHARE',
  RowShare: 'ROW SHARE',
  RowExclusive: 'ROW EXCLUSIVE',
  ShareUpdateExclusive: 'SHARE UPDATE EXCLUSIVE',
  Share: 'SHARE',
  ShareRowExclusive: 'SHARE ROW EXCLUSIVE',
  Exclusive: 'EXCLUSIVE',
  AccessExclusive: 'ACCESS EXCLUSIVE',
}

const WHILE: Readonly<Record<Work, string>> = {
  instant: '',
  scan: ' while it reads all rows',
  rewrite: ' while it writes the table and its indexes anew',
  'index-build': ' while it builds the index',
}

/** `11.2 GB`, `48 kB`. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  let [value, unit] = [bytes, 0]
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toPrecision(2)} ${units[unit]}`
}

/** `22 s`, `4 min`, `0.3 s`. */
export function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 0.1) return `${Math.max(1, Math.round(milliseconds))} ms`
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 120) return `${Math.round(seconds)} s`
  const minutes = seconds / 60
  return minutes < 120 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`
}

const count = (value: number): string => Math.round(value).toLocaleString('en')
const rowsText = (rows: number): string => `${count(rows)} ${Math.round(rows) === 1 ? 'row' : 'rows'}`

function spanText({ lowMs, highMs }: DurationEstimate): string {
  const [low, high] = [durationText(lowMs), durationText(highMs)]
  return lowMs < 1 || low === high ? `up to ${high}` : `${low} to ${high}`
}

/** Size and lock at production's size; null when the size is not known. */
function estimateOf(hit: LintHit, table: KnownTable): DurationEstimate | null {
  if (table.rows === null || table.bytes === null || table.isNew) return null
  const size = { rows: table.rows, tableBytes: table.bytes, indexBytes: table.indexBytes ?? 0 }
  return estimateDuration(hit.work ?? 'instant', size)
}

function sizeSentence(table: KnownTable): string {
  return `${table.name} has ${rowsText(table.rows ?? 0)} (${bytesText(table.bytes ?? 0)}).`
}

function lockSentence(hit: LintHit, estimate: DurationEstimate | null): string | null {
  if (hit.lock === undefined) return null
  const blocks = blockedBy(hit.lock)
  const work = hit.work ?? 'instant'
  const what = blocks === 'only DDL' ? 'only other schema changes and vacuum' : blocks
  const head = `The ${LOCK_NAMES[hit.lock]} lock blocks ${what}`
  if (blocks === 'nothing') return null
  if (estimate === null) return `${head}${WHILE[work]}.`
  if (work === 'instant') return `${head} for a moment, and from when it starts to wait for older transactions.`
  return `${head} for about ${spanText(estimate)}: it ${estimate.basis}.`
}

const shorten = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > QUERY_CHARACTERS ? `${line.slice(0, QUERY_CHARACTERS - 1)}…` : line
}

function trafficSentence(context: StatementContext, table: KnownTable): string | null {
  const { callsPerMinute } = table
  if (callsPerMinute === null) return null
  if (callsPerMinute === 0) return 'No query of the workload names it.'
  const most = context.queriesOn(table)[0]
  const calls = callsPerMinute < 1 ? 'Less than one statement' : `${count(callsPerMinute)} statements`
  return `${calls} a minute name it${most === undefined ? '' : `, most often: ${shorten(most.text)}`}.`
}

/** A hit as it is told, with the level that it has at production's size. */
export interface Told {
  readonly message: string
  readonly level: FindingSeverity
}

/** @param level the rule's, or the one of the hit */
export function tell(hit: LintHit, context: StatementContext, level: FindingSeverity): Told {
  const { table, lock } = hit
  if (table === undefined || table === null) {
    return { message: [hit.message, lockSentence(hit, null)].filter((one) => one !== null).join(' '), level }
  }
  const estimate = estimateOf(hit, table)
  const sized = estimate !== null
  const parts = [
    hit.message,
    sized ? sizeSentence(table) : null,
    table.isNew ? null : lockSentence(hit, estimate),
    sized && lock !== undefined && blockedBy(lock) !== 'only DDL' ? trafficSentence(context, table) : null,
  ]
  const message = parts.filter((one) => one !== null).join(' ')
  if (!sized || lock === undefined) return { message, level }
  const { callsPerMinute } = table
  const by = { level, lock, work: hit.work ?? 'instant', estimate, rows: table.rows ?? 0, callsPerMinute } as const
  return { message, level: severityBySize(by) }
}
