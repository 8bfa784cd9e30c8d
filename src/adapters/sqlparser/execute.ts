/** What `EXECUTE '…'` of plpgsql runs, where it is written out. */
import { tokens } from '../../core/postgres/scan.ts'
import { splitSql } from '../../core/postgres/split.ts'

/** A statement in the string of EXECUTE. */
interface Executed {
  readonly sql: string
  /** Offset in the EXECUTE statement: exact in a `$$` string, and as near as doubled quotes allow in another. */
  readonly at: number
}

/** The text between the quotes of one string; null when it is no plain string. */
function literal(piece: string): { readonly text: string; readonly at: number } | null {
  const dollar = /^\$\w*\$/.exec(piece)?.[0]
  if (dollar !== undefined) return { text: piece.slice(dollar.length, -dollar.length), at: dollar.length }
  if (!piece.startsWith("'")) return null
  return { text: piece.slice(1, -1).replaceAll("''", "'"), at: 1 }
}

/**
 * The statements that EXECUTE runs; null when its text is put together at run time.
 * @param sql from EXECUTE on, without the semicolon
 */
export function executed(sql: string): readonly Executed[] | null {
  const items = [...tokens(sql)].filter(({ kind }) => kind !== 'blank')
  const [, string, next] = items
  if (string === undefined || string.kind !== 'quoted') return null
  // `INTO` and `USING` may follow; anything else, such as `||`, makes it another text.
  const follows = next === undefined ? '' : sql.slice(next.start, next.end).toLowerCase()
  if (!['', 'into', 'using'].includes(follows)) return null
  const found = literal(sql.slice(string.start, string.end))
  if (found === null) return null
  return splitSql(found.text).map((one) => ({ sql: one.sql, at: string.start + found.at + one.offset }))
}
