/** What each parameter of a statement is compared with or written into, read from SQL or from a plan's conditions. */
import { type Token, tokensOf } from '../../postgres/tokens.ts'
import type { TableColumn } from './statistics.ts'

/**
 * `equal`: `=`, IN, ANY; `above`: the column is greater; `below`: it is less; `like`, `ilike`, `regex`: patterns;
 * `unit`: of `date_trunc`; `zone`: AT TIME ZONE; `other`: another operator; `assigned`: SET; `inserted`: VALUES of an INSERT.
 */
export type Use =
  | 'equal'
  | 'above'
  | 'below'
  | 'like'
  | 'ilike'
  | 'regex'
  | 'other'
  | 'limit'
  | 'offset'
  | 'unit'
  | 'zone'
  | 'assigned'
  | 'inserted'

/** One place in which a parameter stands. */
export interface Target {
  /** The `n` of `$n`. */
  readonly parameter: number
  readonly use: Use
  /** Null where it is not known. */
  readonly column: TableColumn | null
  /** Its place in a list of values, from 0. */
  readonly place: number
}

/** Finds the table of a column; the qualifier is null where none is written. */
export type Resolve = (column: string, qualifier: string | null) => TableColumn | null

const KEYWORDS = new Set(
  'and or not where on when then else case having select from set values in any some all between like ilike similar to is distinct limit offset by returning using join as array row end fetch first next if exists'.split(
    ' ',
  ),
)

const nameOf = (token: Token): string =>
  token.kind === 'quoted' ? token.text.replace(/^(u&)?"|"$/gi, '').replaceAll('""', '"') : token.text
const isName = (token: Token | undefined): token is Token =>
  token !== undefined && (token.kind === 'quoted' || (token.kind === 'word' && !KEYWORDS.has(token.text)))
const is = (token: Token | undefined, text: string): boolean =>
  token?.text === text && token.kind !== 'literal' && token.kind !== 'quoted'
const isOpen = (token: Token | undefined): boolean => is(token, '(') || is(token, '[')
const isClose = (token: Token | undefined): boolean => is(token, ')') || is(token, ']')

/** Where the parenthesis opens that closes at `close`. */
function opening(tokens: readonly Token[], close: number): number {
  let depth = 0
  for (let at = close; at >= 0; at -= 1) {
    if (isClose(tokens[at])) depth += 1
    if (isOpen(tokens[at])) depth -= 1
    if (depth === 0) return at
  }
  return -1
}

/** Columns named between two offsets, each with its qualifier. */
function columnsBetween({ tokens, resolve }: Context, from: number, to: number): readonly TableColumn[] {
  const found: TableColumn[] = []
  for (let at = from; at <= to; at += 1) {
    const token = tokens[at]
    const [before, after] = [tokens[at - 1], tokens[at + 1]]
    if (!isName(token) || is(after, '(') || is(after, '.') || is(before, '::')) continue
    const qualifier = is(before, '.') ? tokens[at - 2] : undefined
    const column = resolve(nameOf(token), qualifier === undefined ? null : nameOf(qualifier))
    if (column !== null) found.push(column)
  }
  return found
}

/** Start of the operand that ends at `end`: a name, a call, something in parentheses, with its casts. */
function operandStart(tokens: readonly Token[], end: number): number {
  let at = end
  for (let steps = 0; steps < 20; steps += 1) {
    if (isClose(tokens[at])) at = opening(tokens, at) - 1
    if (at < 0) return 0
    if (isName(tokens[at]) && is(tokens[at - 1], '::')) at -= 2
    else if (isName(tokens[at]) && is(tokens[at - 1], '.')) at -= 2
    else break
  }
  return isName(tokens[at]) ? at : at + 1
}

/** `word word` types such as `character varying` behind a cast are not cut; the operand is still found by its columns. */
function leftColumn(tokens: readonly Token[], end: number, from: { item: number; resolve: Resolve }) {
  const start = operandStart(tokens, end)
  const columns = columnsBetween({ tokens, resolve: from.resolve }, start, end)
  return columns[from.item] ?? (columns.length === 1 ? columns[0] : null) ?? null
}

const USE_OF_OPERATOR: Readonly<Record<string, Use>> = {
  '=': 'equal',
  '<>': 'equal',
  '!=': 'equal',
  '>': 'above',
  '>=': 'above',
  '<': 'below',
  '<=': 'below',
  '~~': 'like',
  '!~~': 'like',
  '~~*': 'ilike',
  '!~~*': 'ilike',
  '~': 'regex',
  '~*': 'regex',
  '!~': 'regex',
}
const USE_OF_WORD: Readonly<Record<string, Use>> = {
  like: 'like',
  ilike: 'ilike',
  in: 'equal',
  limit: 'limit',
  offset: 'offset',
  first: 'limit',
  next: 'limit',
}
/** Functions whose first argument is a unit of time. */
const TAKES_UNIT = new Set(['date_trunc', 'date_part'])
const MIRRORED: Partial<Record<Use, Use>> = { above: 'below', below: 'above' }

interface Before {
  /** Of the token before the parameter, list and wrapping functions left out. */
  readonly at: number
  readonly place: number
  /** Inside parentheses behind an operator: which item it is, for comparisons of rows. */
  readonly item: number
}

/** Goes back from a parameter over the list and the calls that it stands in, to what they are compared by. */
function before(tokens: readonly Token[], parameter: number): Before {
  let [at, place] = [parameter - 1, 0]
  for (let steps = 0; at >= 0 && steps < 10_000; steps += 1) {
    const token = tokens[at]
    if (is(token, ',')) {
      place += 1
      at = skipItem(tokens, at - 1)
    } else if (isOpen(token)) {
      at -= 1
      const wraps = tokens[at]
      if (wraps?.kind === 'word' && !['in', 'values', 'and', 'or', 'not', 'where', 'limit'].includes(wraps.text))
        at -= 1
    } else break
  }
  return { at, place, item: place }
}

/** From the end of a list's item to before it. */
function skipItem(tokens: readonly Token[], end: number): number {
  let at = end
  while (at >= 0 && !is(tokens[at], ',') && !isOpen(tokens[at]))
    at = isClose(tokens[at]) ? opening(tokens, at) - 1 : at - 1
  return at
}

interface Context {
  readonly tokens: readonly Token[]
  readonly resolve: Resolve
}

/** `x BETWEEN $1 AND $2`, from the AND. */
function betweenAt(tokens: readonly Token[], and: number): number | null {
  for (let at = and - 1; at >= 0 && and - at < 12; at -= 1) {
    if (is(tokens[at], 'between')) return at
    if (is(tokens[at], 'and') || is(tokens[at], 'or') || is(tokens[at], 'where')) return null
  }
  return null
}

function comparedLeft({ tokens, resolve }: Context, from: Before): Pick<Target, 'use' | 'column'> | null {
  const token = tokens[from.at]
  const left = (end: number) => leftColumn(tokens, end, { item: from.item, resolve })
  if (token?.kind === 'operator') {
    const use = USE_OF_OPERATOR[token.text] ?? 'other'
    return { use, column: left(from.at - 1) }
  }
  if (token?.kind !== 'word') return null
  const notBefore = (end: number) => (is(tokens[end], 'not') ? end - 1 : end)
  if (token.text === 'between') return { use: 'above', column: left(notBefore(from.at - 1)) }
  if (token.text === 'and') {
    const between = betweenAt(tokens, from.at)
    return between === null ? null : { use: 'below', column: left(notBefore(between - 1)) }
  }
  const use = USE_OF_WORD[token.text]
  if (use === undefined) return null
  const counts = use === 'limit' || use === 'offset'
  return { use, column: counts ? null : left(notBefore(from.at - 1)) }
}

/** `$1 < column`. */
function comparedRight({ tokens, resolve }: Context, parameter: number): Pick<Target, 'use' | 'column'> | null {
  let at = parameter + 1
  while (is(tokens[at], '::')) at += 2
  while (isClose(tokens[at])) at += 1
  const operator = tokens[at]
  if (operator?.kind !== 'operator') return null
  const column = columnsBetween({ tokens, resolve }, at + 1, at + 4)[0]
  const use = USE_OF_OPERATOR[operator.text] ?? 'other'
  return column === undefined ? null : { use: MIRRORED[use] ?? use, column }
}

function specialUse(tokens: readonly Token[], parameter: number): Use | null {
  if (is(tokens[parameter - 1], 'zone') && is(tokens[parameter - 2], 'time')) return 'zone'
  const call = tokens[parameter - 2]
  return is(tokens[parameter - 1], '(') && call !== undefined && TAKES_UNIT.has(call.text) ? 'unit' : null
}

/** All places of parameters in comparisons, lists, LIMIT and OFFSET. */
export function targetsIn(text: string, resolve: Resolve): readonly Target[] {
  const context = { tokens: tokensOf(text), resolve }
  return context.tokens.flatMap((token, index) => {
    if (token.kind !== 'parameter') return []
    const special = specialUse(context.tokens, index)
    if (special !== null) return [{ parameter: Number(token.text.slice(1)), place: 0, use: special, column: null }]
    const from = before(context.tokens, index)
    const left = comparedLeft(context, from)
    const right = left?.column == null ? comparedRight(context, index) : null
    const found = right ?? left
    if (found === null) return []
    return [{ parameter: Number(token.text.slice(1)), place: from.place, ...found }]
  })
}
