/** What must be known of a statement's text before PostgreSQL is asked for its plan. Pure. */
import { type Token, tokens, UnterminatedSql } from '../../../core/postgres/scan.ts'
import { splitSql } from '../../../core/postgres/split.ts'

/** Statements that EXPLAIN plans without running anything; EXPLAIN of anything else is not asked for. */
const EXPLAINABLE = new Set(['select', 'insert', 'update', 'delete', 'merge', 'with'])
/** Types whose constants are written behind their name, so that normalising leaves `interval $1`, which is no SQL. */
const TYPE_BEFORE_CONSTANT =
  /^(interval|date|time|timetz|timestamp|timestamptz|time with(out)? time zone|timestamp with(out)? time zone)$/
/** Words of the longest of these names. */
const LONGEST_TYPE = 4

/** PostgreSQL's protocol counts them in 16 bits. */
const MAX_PARAMETERS = 65_535

/** `parameters`: the highest number of a `$n` in it. */
export type StatementText =
  | { readonly ok: true; readonly sql: string; readonly parameters: number }
  | { readonly ok: false; readonly reason: string }

const no = (reason: string): StatementText => ({ ok: false, reason })

/**
 * True when `pg_stat_activity` may have cut this text: it keeps `trackSize` − 1 bytes, and no half character.
 * @param trackSize `track_activity_query_size`, in bytes
 */
export function maybeCut(text: string, trackSize: number): boolean {
  const bytes = Buffer.byteLength(text)
  return bytes === text.length ? bytes === trackSize - 1 : bytes >= trackSize - 4 && bytes < trackSize
}

/** How many of the tokens at the end of `words` name such a type; 0 when none do. */
function typeLength(words: readonly Token[], sql: string): number {
  for (let length = Math.min(LONGEST_TYPE, words.length); length > 0; length -= 1) {
    const name = words.slice(-length).map(({ start, end }) => sql.slice(start, end).toLowerCase())
    if (TYPE_BEFORE_CONSTANT.test(name.join(' '))) return length
  }
  return 0
}

/** `interval $1` becomes `$1::interval`, which means the same. */
function castParameters(sql: string): { readonly sql: string; readonly parameters: number } {
  let result = ''
  let copied = 0
  let words: Token[] = []
  let parameters = 0
  for (const token of tokens(sql)) {
    if (token.kind === 'blank') continue
    if (token.kind === 'parameter') {
      parameters = Math.max(parameters, Number(sql.slice(token.start + 1, token.end)))
      const type = words.slice(words.length - typeLength(words, sql))
      const [first] = type
      if (first !== undefined) {
        const name = sql.slice(first.start, type.at(-1)?.end)
        result += `${sql.slice(copied, first.start)}${sql.slice(token.start, token.end)}::${name}`
        copied = token.end
      }
    }
    words = token.kind === 'word' ? [...words.slice(1 - LONGEST_TYPE), token] : []
  }
  return { sql: result + sql.slice(copied), parameters }
}

/** The one statement of a text, as EXPLAIN takes it, or the reason why it is not asked for. */
export function explainable(text: string): StatementText {
  try {
    const [statement, ...more] = splitSql(text)
    if (statement === undefined) return no('the text is empty')
    if (more.length > 0) return no(`the text holds ${more.length + 1} statements`)
    // A statement in parentheses is a SELECT or nothing.
    const [first = ''] = statement.words
    if (!EXPLAINABLE.has(first))
      return no(`only queries and changes of rows have plans, and this is ${first.toUpperCase()}`)
    const cast = castParameters(statement.sql)
    if (cast.parameters > MAX_PARAMETERS) return no(`no statement can have ${cast.parameters} parameters`)
    return { ok: true, ...cast }
  } catch (error) {
    if (error instanceof UnterminatedSql) return no(`the text is cut off: ${error.message}`)
    throw error
  }
}
