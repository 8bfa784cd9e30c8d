/** Brings the ways in which tools write parameters to PostgreSQL's own, `$1`. */
import { type Token, tokens } from '../../postgres/scan.ts'

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
/** `sqlc.arg(name)`, `sqlc.narg('name')`, `sqlc.slice(name)`; the name may stand in quotes. */
const SQLC_CALL = /^(arg|narg|slice)$/i

/** Numbers names in the order in which they come; a name that comes again has the same number. */
class Numbers {
  private readonly known = new Map<string, number>()
  private next: number

  constructor(first: number) {
    this.next = first
  }

  of(name: string | null): string {
    const found = name === null ? undefined : this.known.get(name)
    const number = found ?? this.next
    if (found === undefined) this.next += 1
    if (name !== null) this.known.set(name, number)
    return `$${number}`
  }
}

interface Found {
  readonly text: string
  /** How many of the tokens it stands for. */
  readonly length: number
}

/** One token list with the look-ahead that placeholders need. */
class Reader {
  private readonly sql: string
  private readonly list: readonly Token[]

  constructor(sql: string, list: readonly Token[]) {
    this.sql = sql
    this.list = list
  }

  text(at: number): string {
    const token = this.list[at]
    return token === undefined ? '' : this.sql.slice(token.start, token.end)
  }

  /** A word right behind, without white space between. */
  word(at: number): string | null {
    return this.list[at]?.kind === 'word' && NAME.test(this.text(at)) ? this.text(at) : null
  }

  kind(at: number): Token['kind'] | null {
    return this.list[at]?.kind ?? null
  }
}

/** Signs before which `@` and `?` are operators: what stands there is a value. */
const isOperand = (reader: Reader, at: number): boolean => {
  let before = at - 1
  while (reader.kind(before) === 'blank') before -= 1
  const kind = reader.kind(before)
  if (kind === 'quoted' || kind === 'parameter') return true
  if (kind === 'word') return !BEFORE_VALUE.test(reader.text(before))
  return kind === 'symbol' && /^(\)|\]|\d.*)$/.test(reader.text(before))
}
const BEFORE_VALUE =
  /^(select|where|and|or|not|in|values|limit|offset|set|when|then|else|between|like|ilike|is|returning|by|on|any|all|having|from|distinct|using|similar|to|as|case|array|fetch|next|first|rows|interval|date|timestamp|timestamptz|time)$/i
const OPERATOR_SIGN = /^[-+*/<>=~!@#%^&|`?]$/

function sqlcCall(reader: Reader, at: number): { name: string; length: number } | null {
  if (reader.text(at).toLowerCase() !== 'sqlc' || reader.text(at + 1) !== '.' || !SQLC_CALL.test(reader.text(at + 2)))
    return null
  if (reader.text(at + 3) !== '(' || reader.text(at + 5) !== ')') return null
  return { name: reader.text(at + 4).replace(/^'|'$/g, ''), length: 6 }
}

/** What the placeholder at `at` becomes; null when there is none. */
function placeholderAt(reader: Reader, at: number, numbers: Numbers): Found | null {
  const text = reader.text(at)
  const call = sqlcCall(reader, at)
  if (call !== null) return { text: numbers.of(call.name), length: call.length }
  const [before, next] = [reader.text(at - 1), reader.word(at + 1)]
  if (text === ':' && next !== null && before !== ':' && !/[\])\w"]$/.test(before))
    return { text: numbers.of(next), length: 2 }
  if (text === '@' && next !== null && !OPERATOR_SIGN.test(before) && !isOperand(reader, at))
    return { text: numbers.of(next), length: 2 }
  const alone = !OPERATOR_SIGN.test(before) && !OPERATOR_SIGN.test(reader.text(at + 1))
  if (text === '?' && alone && !isOperand(reader, at)) return { text: numbers.of(null), length: 1 }
  return null
}

/**
 * The statement with `$n` for `@name`, `:name`, `sqlc.arg(name)` and `?`. What is there of `$n` keeps its number.
 * Casts (`::`), slices (`[1:2]`), operators with `@` or `?`, and text in quotes stay as they are.
 * @throws UnterminatedSql
 */
export function withNumberedParameters(sql: string): string {
  const list = [...tokens(sql)]
  const reader = new Reader(sql, list)
  const taken = list.map((token, at) => (token.kind === 'parameter' ? Number(reader.text(at).slice(1)) : 0))
  const numbers = new Numbers(taken.reduce((a, b) => Math.max(a, b), 0) + 1)
  let result = ''
  for (let at = 0; at < list.length; ) {
    const found = placeholderAt(reader, at, numbers)
    result += found?.text ?? reader.text(at)
    at += found?.length ?? 1
  }
  return result
}
