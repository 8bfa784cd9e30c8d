/** Which writes of the workload an index makes dearer. */
import { type Token, tokensOf } from '../../postgres/tokens.ts'
import type { WorkloadQuery } from '../snapshot.ts'
import { plainName } from './index-shape.ts'

/** One statement that writes a table. */
export interface TableWrite {
  readonly table: string
  readonly kind: 'insert' | 'update' | 'delete'
  /** Of an UPDATE: what it sets. */
  readonly columns: readonly string[]
  readonly callsPerMinute: number | null
}

const STARTS: Readonly<Record<string, { readonly next: string | null; readonly kind: TableWrite['kind'] }>> = {
  insert: { next: 'into', kind: 'insert' },
  delete: { next: 'from', kind: 'delete' },
  update: { next: null, kind: 'update' },
}
/** `FOR UPDATE`, `FOR NO KEY UPDATE`, `ON CONFLICT DO UPDATE`, `ON UPDATE`: no statements of their own. */
const NO_STATEMENT = new Set(['for', 'key', 'do', 'on'])

const isWord = (token: Token | undefined, text: string): boolean => token?.kind === 'word' && token.text === text

/** Names before `=` at the level of the SET list. */
function setColumns(tokens: readonly Token[], from: number): readonly string[] {
  const columns: string[] = []
  let depth = 0
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at]
    if (token === undefined) break
    if (token.text === '(') depth += 1
    if (token.text === ')') depth -= 1
    if (depth < 0 || (depth === 0 && ['where', 'from', 'returning'].includes(token.text) && token.kind === 'word'))
      break
    const begins = at === from || (depth === 0 && tokens[at - 1]?.text === ',')
    if (begins && tokens[at + 1]?.text === '=') columns.push(plainName(token))
    // SET (a, b) = (…)
    if (begins && token.text === '(')
      for (let inside = at + 1; tokens[inside] !== undefined && tokens[inside]?.text !== ')'; inside++)
        if (tokens[inside]?.text !== ',') columns.push(plainName(tokens[inside]))
  }
  return columns
}

/** The writes of a statement, those in WITH included. */
export function writesOf(query: WorkloadQuery): readonly TableWrite[] {
  const tokens = tokensOf(query.text)
  return tokens.flatMap((token, index): readonly TableWrite[] => {
    const start = token.kind === 'word' && Object.hasOwn(STARTS, token.text) ? STARTS[token.text] : undefined
    if (start === undefined || NO_STATEMENT.has(tokens[index - 1]?.text ?? '')) return []
    let at = index + 1
    if (start.next !== null) {
      if (!isWord(tokens[at], start.next)) return []
      at += 1
    }
    if (isWord(tokens[at], 'only')) at += 1
    while (tokens[at + 1]?.text === '.') at += 2
    const table = plainName(tokens[at])
    const set = tokens.findIndex((one, position) => position > at && isWord(one, 'set'))
    if (start.kind === 'update' && set === -1) return []
    const columns = start.kind === 'update' ? setColumns(tokens, set + 1) : []
    return [{ table, kind: start.kind, columns, callsPerMinute: query.callsPerMinute }]
  })
}

/** What an index costs the writers of its table. */
export interface WriteCost {
  /** Rows or statements a minute that must write the index too; null when nobody counted. */
  readonly perMinute: number | null
  /** Columns that an UPDATE sets, that this index would hold, and that no other index holds: their updates stop being HOT. */
  readonly hotLost: readonly string[]
}

/**
 * INSERT writes every index; UPDATE those that hold a column it sets (the others stay as they are when the row fits its page:
 * heap-only tuples); DELETE none. `indexed`: columns that the table's other indexes hold.
 */
export function writeCost(
  workload: readonly WorkloadQuery[],
  index: { readonly table: string; readonly columns: readonly string[]; readonly indexed: ReadonlySet<string> },
): WriteCost {
  const writes = workload.flatMap(writesOf).filter((write) => write.table === index.table)
  const touching = writes.filter(
    (write) => write.kind === 'insert' || write.columns.some((column) => index.columns.includes(column)),
  )
  const counted = workload.some((query) => query.callsPerMinute !== null)
  const perMinute = counted ? touching.reduce((sum, write) => sum + (write.callsPerMinute ?? 0), 0) : null
  const set = new Set(writes.filter((write) => write.kind === 'update').flatMap((write) => write.columns))
  return { perMinute, hotLost: index.columns.filter((column) => set.has(column) && !index.indexed.has(column)) }
}
