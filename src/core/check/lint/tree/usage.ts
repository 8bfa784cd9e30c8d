/** What the workload says about a table, a column or an index. */
import { tokensOf } from '../../../postgres/tokens.ts'
import type { KnownTable, StatementContext } from '../rule.ts'

/** Queries that name something, and how often they run. */
export interface Usage {
  readonly queries: readonly string[]
  /** Calls per minute of all of them; null when nobody counted. */
  readonly callsPerMinute: number | null
  /** Such as `SELECT id FROM payments WHERE status = $1 (1,240 calls a minute) and 2 other queries`. */
  readonly text: string
}

const SHOWN_CHARACTERS = 90

function shortened(query: string): string {
  const line = query.replace(/\s+/g, ' ').trim()
  return line.length <= SHOWN_CHARACTERS ? line : `${line.slice(0, SHOWN_CHARACTERS - 1)}…`
}

/** A rate in words: `1,240 calls a minute`, `fewer than one call a minute`. */
export function callsText(callsPerMinute: number): string {
  if (callsPerMinute < 1) return 'fewer than one call a minute'
  const rounded = Math.round(callsPerMinute)
  return `${rounded.toLocaleString('en')} call${rounded === 1 ? '' : 's'} a minute`
}

/** True when the query names one of the columns; in lower case where they are not quoted, as PostgreSQL reads them. */
export function namesColumn(query: string, columns: readonly string[]): boolean {
  const tokens = tokensOf(query)
  return tokens.some((token, at) => {
    if (token.kind !== 'word' && token.kind !== 'quoted') return false
    if (tokens[at + 1]?.text === '(' || tokens[at + 1]?.text === '.') return false
    const name = token.kind === 'quoted' ? token.text.replace(/^"|"$/g, '').replaceAll('""', '"') : token.text
    return columns.includes(name)
  })
}

/**
 * Queries of the workload on a table that name one of the columns; all of them when no columns are given. Null when there
 * is none, or no workload to look at.
 */
export function usageOf(
  context: StatementContext,
  table: KnownTable | null,
  columns?: readonly string[],
): Usage | null {
  if (table === null) return null
  const found = context.queriesOn(table).filter((query) => columns === undefined || namesColumn(query.text, columns))
  const [first] = found
  if (first === undefined) return null
  const counted = found.flatMap((query) => query.callsPerMinute ?? [])
  const rate = first.callsPerMinute === null ? '' : ` (${callsText(first.callsPerMinute)})`
  const others = found.length === 1 ? '' : ` and ${found.length - 1} other quer${found.length === 2 ? 'y' : 'ies'}`
  return {
    queries: found.map((query) => query.text),
    callsPerMinute: counted.length === 0 ? null : counted.reduce((sum, one) => sum + one, 0),
    text: `${shortened(first.text)}${rate}${others}`,
  }
}
