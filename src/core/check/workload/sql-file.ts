/** Queries from `.sql` files, as sqlc and its relatives keep them. */
import { fingerprintOf } from '../../postgres/fingerprint.ts'
import { splitSql } from '../../postgres/split.ts'
import type { WorkloadQuery } from '../snapshot.ts'
import { withNumberedParameters } from './placeholders.ts'
import { isPlannable } from './statements.ts'

/** `-- name: ListPending :many`, or the same in a block comment. */
const NAME = /(?:--|\/\*)\s*name:\s*([^\s:*]+)/i
const CALLS = /(?:--|\/\*)\s*calls:\s*([\d.,_]+)\s*\/\s*(s|sec|second|min|minute|m|h|hour|d|day)\b/i
const ROLE = /(?:--|\/\*)\s*role:\s*("[^"]+"|[^\s*]+)/i

const PER_MINUTE: Readonly<Record<string, number>> = { s: 60, m: 1, h: 1 / 60, d: 1 / 1440 }

function callsPerMinute(comment: string): number | null {
  const found = CALLS.exec(comment)
  if (found === null) return null
  const count = Number((found[1] ?? '').replaceAll(/[,_]/g, ''))
  const per = PER_MINUTE[(found[2] ?? '').charAt(0).toLowerCase()]
  return Number.isFinite(count) && per !== undefined ? count * per : null
}

/**
 * Each SELECT, INSERT, UPDATE, DELETE or MERGE of the text; everything else is left out. Comments before a statement
 * tell its name (`-- name: ListPending :many`), how often it runs (`-- calls: 1240/min`) and as whom (`-- role: app`).
 * @param file how the file is shown to people
 * @throws UnterminatedSql when a quote or comment never ends
 */
export function queriesFromSql(text: string, file: string): readonly WorkloadQuery[] {
  const found: WorkloadQuery[] = []
  let end = 0
  for (const statement of splitSql(text)) {
    const comment = text.slice(end, statement.offset)
    end = statement.offset + statement.sql.length
    if (!isPlannable(statement.words)) continue
    const sql = withNumberedParameters(statement.sql)
    found.push({
      fingerprint: fingerprintOf(sql),
      text: sql,
      name: NAME.exec(comment)?.[1] ?? null,
      callsPerMinute: callsPerMinute(comment),
      meanMs: null,
      rows: null,
      role: ROLE.exec(comment)?.[1]?.replace(/^"|"$/g, '') ?? null,
      source: 'file',
      file,
      line: statement.line,
    })
  }
  return found
}
