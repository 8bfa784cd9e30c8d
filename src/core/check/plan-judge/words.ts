/** How plans are spoken of in messages. */
import { ms } from '../../../base/time.ts'
import { figure, spanText } from '../../wording.ts'
import type { AppliedStatement } from '../plans.ts'
import type { WorkloadQuery } from '../snapshot.ts'
import type { PlanChange } from './compare.ts'
import type { ComparedVariant } from './query.ts'
import type { RuntimeEstimate } from './runtime.ts'
import { readTree, type Way } from './tree.ts'

/** Longer SQL is cut in messages. */
const MAX_SQL_CHARACTERS = 70

/** On one line, cut to what fits a message. */
export const shortSql = (sql: string): string => {
  const line = sql.replace(/\s+/g, ' ').trim()
  return line.length <= MAX_SQL_CHARACTERS ? line : `${line.slice(0, MAX_SQL_CHARACTERS - 1)}…`
}

/** `ListPending (1,240 calls/min)` */
export function nameOf(query: WorkloadQuery): string {
  const name = query.name ?? `\`${shortSql(query.text)}\``
  const calls = query.callsPerMinute
  return calls === null ? `${name} (calls not counted)` : `${name} (${figure(calls)} calls/min)`
}

/** `×1000`; one decimal below 10. */
export const timesText = (ratio: number): string => `×${ratio < 10 ? Math.round(ratio * 10) / 10 : Math.round(ratio)}`

/** `Cost 1,234 → 1,234,567 (×1000)` */
export function costText(costs: { readonly before: number; readonly after: number }): string {
  const ratio = costs.before > 0 ? ` (${timesText(costs.after / costs.before)})` : ''
  return `Cost ${figure(costs.before)} → ${figure(costs.after)}${ratio}`
}

/** `about 63 ms → 5 s to 9 s` */
export function runtimeText(estimate: RuntimeEstimate): string {
  const [low, high] = [estimate.after / estimate.factor, estimate.after * estimate.factor]
  return `about ${spanText(ms(estimate.before))} → ${spanText(ms(low))} to ${spanText(ms(high))}`
}

const lastName = (qualified: string): string => qualified.slice(qualified.lastIndexOf('.') + 1).replaceAll('"', '')

/** `drops idx_a and idx_b`, or the statement itself. */
export function deedOf(statement: AppliedStatement): string {
  if (/^\s*drop\s+index/i.test(statement.sql) && statement.dropped.length > 0)
    return `drops ${statement.dropped.map(lastName).join(' and ')}`
  return `runs \`${shortSql(statement.sql)}\``
}

/** Rows of a table by its name; null when nobody knows. */
export type RowsOf = (table: string) => number | null

function seqScanText(access: { readonly ways: ReadonlyMap<string, Way> }, rowsOf: RowsOf): string {
  const scanned = [...access.ways].filter(([, way]) => way.method === 'seq').map(([table]) => table)
  const counts = scanned.map(rowsOf)
  const total = counts.reduce<number | null>((sum, rows) => (sum === null || rows === null ? null : sum + rows), 0)
  const what = scanned.length === 1 ? scanned[0] : `${scanned.length} partitions, such as ${scanned[0]},`
  return total === null ? `reads all of ${what} by Seq Scan` : `reads all ${figure(total)} rows of ${what} by Seq Scan`
}

/** One sentence without its subject: what the query does now, and what it did before. */
export function changeText(change: PlanChange, shown: ComparedVariant, rowsOf: RowsOf): string {
  const before = readTree(shown.before.plan).accesses.get(change.where)
  const after = readTree(shown.after.plan).accesses.get(change.where)
  const old = before === undefined ? undefined : [...before.ways.values()].find((way) => way.indexNames.length > 0)
  if (change.kind === 'index-to-seq-scan' && after !== undefined && old !== undefined) {
    const rows = figure(old.node['Plan Rows'])
    return `${seqScanText(after, rowsOf)}; before, ${old.indexNames.join(' and ')} gave it ${rows}`
  }
  if (change.kind === 'index-only-to-index' && old !== undefined)
    return `fetches each row from ${lastName(old.node['Relation Name'] ?? change.where)}, where ${old.indexNames.join(' and ')} alone was enough before`
  if (change.kind === 'sort-added') return `needs a ${change.what}`
  if (change.kind === 'spill-added') return `needs more memory than it has: ${change.what}`
  const on = change.where === '' ? '' : ` (${change.where})`
  return `has another plan: ${change.what}${on}`
}
