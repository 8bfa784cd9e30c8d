/** Wrapping, cutting and numbers that all forms of the report share. */
import { ms } from '../../../base/time.ts'
import { figure, spanText } from '../../wording.ts'
import type { LockMode } from '../finding.ts'
import type { AppliedStatement } from '../plans.ts'
import type { PlanReport } from '../result.ts'

/** What stands before the first line and before the others. */
export interface Indent {
  readonly first: string
  readonly rest: string
}

/** Words on lines of at most `width`; a longer word stands alone. */
export function wrap(text: string, width: number, indent: string | Indent = ''): readonly string[] {
  const { first, rest } = typeof indent === 'string' ? { first: indent, rest: indent } : indent
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    const before = lines.length === 0 ? first : rest
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && before.length + longer.length > width) {
      lines.push(before + line)
      line = word
    } else line = longer
  }
  if (line !== '') lines.push((lines.length === 0 ? first : rest) + line)
  return lines
}

/** At most `width` characters, the last an ellipsis where something is missing. */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`

/** On one line. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** `2 queries`, `1 query` */
export const count = (amount: number, one: string, many: string): string =>
  `${figure(amount)} ${amount === 1 ? one : many}`

/** `1,240 calls/min`, or that nobody counted. */
export const callsText = (calls: number | null): string =>
  calls === null ? 'calls not counted' : `${figure(calls)} calls/min`

/** `45 s to 4 min` */
export function durationText(estimate: { readonly lowMs: number; readonly highMs: number }): string {
  if (estimate.highMs <= 100) return 'at once'
  const [low, high] = [spanText(ms(estimate.lowMs)), spanText(ms(estimate.highMs))]
  return low === high || estimate.lowMs < 1 ? `up to ${high}` : `${low} to ${high}`
}

/** `1.2 GB` */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let [value, unit] = [bytes, 0]
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${figure(value)} ${units[unit]}`
}

/** How a plan is called: the query's name, or its text on one line. */
export const titleOf = (plan: Pick<PlanReport, 'name' | 'query'>): string => plan.name ?? oneLine(plan.query)

/** Longer titles are cut where they stand in a sentence. */
const MAX_TITLE = 60
/** The same, short enough for a sentence. */
export const shortTitleOf = (plan: Pick<PlanReport, 'name' | 'query'>): string => cut(titleOf(plan), MAX_TITLE)

/** `×1,124`, or `÷176` where it became cheaper. */
export function ratioText(before: number, after: number): string | null {
  if (!(before > 0) || !(after > 0)) return null
  return after >= before ? `×${figure(after / before)}` : `÷${figure(before / after)}`
}

/** `cost 1,234 → 84,000 (×68)` */
export function costLine(plan: PlanReport): string {
  const ratio = ratioText(plan.costBefore, plan.costAfter)
  return `cost ${figure(plan.costBefore)} → ${figure(plan.costAfter)}${ratio === null ? '' : ` (${ratio})`}`
}

/** `63 ms → 262 ms, within a factor of 2`; null when nobody measured. */
export function timeLine(plan: PlanReport): string | null {
  if (plan.estimatedMs === null) return null
  const { before, after, error } = plan.estimatedMs
  return `time ${spanText(ms(before))} → ${spanText(ms(after))}, ${error}`
}

/** Calls, cost and time in one line. */
export const numbersOf = (plan: PlanReport): string =>
  [callsText(plan.callsPerMinute), costLine(plan), timeLine(plan)].filter((one) => one !== null).join(' · ')

const LOCKS: readonly LockMode[] = [
  'AccessShare',
  'RowShare',
  'RowExclusive',
  'ShareUpdateExclusive',
  'Share',
  'ShareRowExclusive',
  'Exclusive',
  'AccessExclusive',
]

/** As PostgreSQL's documentation writes it: `ACCESS EXCLUSIVE`. */
export const lockName = (mode: LockMode): string => mode.replace(/([a-z])([A-Z])/g, '$1 $2').toUpperCase()

/** What waits while a lock is held. */
function waits(mode: LockMode): string | null {
  if (mode === 'AccessExclusive') return 'reads and writes wait'
  if (mode === 'Exclusive' || mode === 'ShareRowExclusive' || mode === 'Share') return 'writes wait'
  return null
}

/** `ACCESS EXCLUSIVE on payments (reads and writes wait)`, of the strongest lock; the others are counted. */
export function lockText({ locks, dropped }: AppliedStatement): string {
  const [strongest, ...others] = locks.toSorted(
    (a, b) =>
      LOCKS.indexOf(b.mode) - LOCKS.indexOf(a.mode) ||
      // What is dropped is missed by nobody: the table that stays is the one to name.
      Number(dropped.includes(a.relation)) - Number(dropped.includes(b.relation)),
  )
  if (strongest === undefined) return 'no lock on what was there before'
  const who = waits(strongest.mode)
  const more = others.length === 0 ? '' : `, and ${count(others.length, 'further lock', 'further locks')}`
  return `${lockName(strongest.mode)} on ${strongest.relation}${who === null ? '' : ` (${who})`}${more}`
}

/** `0005_payment_review.sql` */
export const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** What a proposed index costs. */
export function adviceNumbers({ advice }: PlanReport): string | null {
  if (advice === null) return null
  const { bytes, buildMs, writesPerMinute, costWithout, costWith } = advice
  const build = durationText({ lowMs: buildMs.low, highMs: buildMs.high })
  const writes = writesPerMinute === null ? '' : `, kept up to date by ${figure(writesPerMinute)} writes/min`
  return `${oneLine(advice.why)} With it the cost is ${figure(costWith)} instead of ${figure(costWithout)}. About ${bytesText(bytes)}, built in ${build}${writes}.`
}
