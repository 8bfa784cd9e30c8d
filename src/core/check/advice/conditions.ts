/** Reads the conditions of a plan's scans: which columns or expressions an index could search or order. */

import { columnsIn } from '../../postgres/index-definition.ts'
import { type Token, tokensOf } from '../../postgres/tokens.ts'
import { plainName, quotedIfNeeded } from './index-shape.ts'

/** A column or an expression that an index can have as a key. */
export interface KeySpec {
  /** SQL of it, without the table's alias; an expression without outer parentheses. */
  readonly sql: string
  /** The column, unquoted; null for an expression. */
  readonly column: string | null
}

/** `equal`: one point; `range`: a span; `contains`: an operator of GIN. */
export type Use = 'equal' | 'range' | 'contains'

/** One of the conditions that AND joins. */
export interface Conjunct {
  readonly use: Use
  readonly operator: string
  readonly key: KeySpec
  /** The other side names another table: an index serves it as the inner side of a nested loop. */
  readonly join: boolean
  /** The whole condition as SQL without alias, when the other side is constant in the query itself; null otherwise. */
  readonly constant: string | null
}

const USES: Readonly<Record<string, Use>> = {
  '=': 'equal',
  '<': 'range',
  '>': 'range',
  '<=': 'range',
  '>=': 'range',
  '@>': 'contains',
  '<@': 'contains',
  '&&': 'contains',
  '@@': 'contains',
  '?': 'contains',
  '?|': 'contains',
  '?&': 'contains',
  '@?': 'contains',
}

/** Casts that leave an index on the bare column usable: the types compare alike. */
const HARMLESS_CASTS = new Set(['text', 'character', 'varchar', 'bpchar'])

const isPunctuation = (token: Token | undefined, text: string): boolean => token?.kind === 'mark' && token.text === text

function unwrap(tokens: readonly Token[]): readonly Token[] {
  let now = tokens
  while (isPunctuation(now[0], '(') && closing(now) === now.length - 1) now = now.slice(1, -1)
  return now
}

/** Where the parenthesis that the tokens begin with is closed. */
function closing(tokens: readonly Token[]): number {
  let depth = 0
  for (const [index, token] of tokens.entries()) {
    if (isPunctuation(token, '(')) depth += 1
    if (isPunctuation(token, ')')) depth -= 1
    if (depth === 0) return index
  }
  return -1
}

/** Positions outside all parentheses for which `test` holds. */
function topLevel(tokens: readonly Token[], test: (token: Token) => boolean): readonly number[] {
  let depth = 0
  return tokens.flatMap((token, index) => {
    if (isPunctuation(token, '(') || isPunctuation(token, '[')) depth += 1
    if (isPunctuation(token, ')') || isPunctuation(token, ']')) depth -= 1
    return depth === 0 && test(token) ? [index] : []
  })
}

const isWord = (text: string) => (token: Token) => token.kind === 'word' && token.text === text

function conjunctsOf(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const inner = unwrap(tokens)
  const ands = topLevel(inner, isWord('and'))
  if (ands.length === 0) return [inner]
  const edges = [-1, ...ands, inner.length]
  return edges.slice(1).flatMap((end, at) => conjunctsOf(inner.slice((edges[at] ?? 0) + 1, end)))
}

const TIGHT_BEFORE = new Set([',', ')', ']', '.', '::', '[', '('])
const TIGHT_AFTER = new Set(['(', '[', '.', '::'])

/** SQL of tokens: `lower(email)`, `payload ->> 'kind'::text`. */
export function written(tokens: readonly Token[]): string {
  return tokens
    .map((token, index) => {
      const before = tokens[index - 1]
      const call = token.text === '(' && before?.kind !== 'word' && before?.kind !== 'quoted'
      const tight = before === undefined || TIGHT_AFTER.has(before.text) || (TIGHT_BEFORE.has(token.text) && !call)
      const text = token.kind === 'quoted' ? quotedIfNeeded(plainName(token)) : token.text
      return `${tight ? '' : ' '}${text}`
    })
    .join('')
}

/** Without `alias.`; null when it names another table's columns. */
function local(tokens: readonly Token[], names: readonly string[]): readonly Token[] | null {
  const out: Token[] = []
  for (let at = 0; at < tokens.length; at++) {
    const [token, dot] = [tokens[at], tokens[at + 1]]
    if (token === undefined) continue
    const qualifies = (token.kind === 'word' || token.kind === 'quoted') && dot?.text === '.'
    if (qualifies && !names.includes(plainName(token))) return null
    if (qualifies) at += 1
    else out.push(token)
  }
  return out
}

/** Functions that give the same for the same input are not told from others here: PostgreSQL refuses those in an index. */
function keyOf(tokens: readonly Token[]): KeySpec | null {
  const inner = unwrap(tokens)
  const [cast] = topLevel(inner, (token) => token.text === '::')
  if (cast !== undefined && HARMLESS_CASTS.has(inner[cast + 1]?.text ?? '')) {
    const bare = unwrap(inner.slice(0, cast))
    if (bare.length === 1) return keyOf(bare)
  }
  const [only] = inner
  if (inner.length === 1 && (only?.kind === 'word' || only?.kind === 'quoted')) {
    const column = plainName(only)
    return { sql: quotedIfNeeded(column), column }
  }
  if (columnsIn(written(inner)).length === 0 || inner.some((token) => token.kind === 'parameter')) return null
  return { sql: written(inner), column: null }
}

interface Sides {
  readonly mine: readonly Token[]
  readonly other: readonly Token[]
  readonly operator: string
}

const TURNED: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=', '=': '=', '&&': '&&' }

function sidesOf(tokens: readonly Token[], names: readonly string[]): Sides | null {
  const [at] = topLevel(tokens, (token) => token.kind === 'operator' && USES[token.text] !== undefined)
  const operator = at === undefined ? undefined : tokens[at]?.text
  if (at === undefined || operator === undefined) return null
  const [left, right] = [tokens.slice(0, at), tokens.slice(at + 1)]
  const mine = (side: readonly Token[]) => local(side, names) !== null && columnsIn(written(side), names).length > 0
  if (mine(left) && !mine(right)) return { mine: left, other: right, operator }
  const turned = TURNED[operator]
  return mine(right) && !mine(left) && turned !== undefined ? { mine: right, other: left, operator: turned } : null
}

function conjunctOf(
  tokens: readonly Token[],
  names: readonly string[],
  literals: ReadonlySet<string>,
): Conjunct | null {
  if (topLevel(tokens, isWord('or')).length > 0) return null
  const sides = sidesOf(tokens, names)
  const bare = sides === null ? null : local(sides.mine, names)
  const key = bare === null ? null : keyOf(bare)
  const use = sides === null ? undefined : USES[sides.operator]
  if (sides === null || key === null || use === undefined) return null
  const join = local(sides.other, names) === null
  const values = sides.other.filter((token) => token.kind === 'literal')
  const fixed =
    !join &&
    values.length > 0 &&
    values.every((token) => literals.has(token.text)) &&
    !sides.other.some((token) => token.kind === 'parameter')
  const whole = fixed ? local(tokens, names) : null
  return { use, operator: sides.operator, key, join, constant: whole === null ? null : written(unwrap(whole)) }
}

/**
 * The conditions in a plan's text that an index of the table could serve. `names`: the table's alias and name.
 * `query`: its text; only what is constant in it is constant in every call.
 */
export function readConditions(condition: string, names: readonly string[], query: string): readonly Conjunct[] {
  const literals = new Set(tokensOf(query).flatMap((token) => (token.kind === 'literal' ? [token.text] : [])))
  return conjunctsOf(tokensOf(condition)).flatMap((tokens) => conjunctOf(unwrap(tokens), names, literals) ?? [])
}

/** A sort key as an index has it: `created_at DESC`. */
export interface OrderSpec extends KeySpec {
  /** ` DESC`, ` DESC NULLS LAST`, …; empty for the default. */
  readonly order: string
}

/** `pt.created_at DESC NULLS LAST`; null when it is no key of this table. */
export function readSortKey(sortKey: string, names: readonly string[]): OrderSpec | null {
  const tokens = tokensOf(sortKey)
  const end = tokens.findIndex((token) => ['asc', 'desc', 'nulls', 'collate'].includes(token.text))
  const what = end === -1 ? tokens : tokens.slice(0, end)
  const rest = end === -1 ? [] : tokens.slice(end)
  if (rest.some((token) => token.text === 'collate')) return null
  const bare = local(what, names)
  const key = bare === null ? null : keyOf(bare)
  return key === null ? null : { ...key, order: rest.map((token) => ` ${token.text.toUpperCase()}`).join('') }
}
