/**
 * One name for all executions of a statement, whatever its literals: the text that a service sends and the text that
 * pg_stat_statements keeps come to the same.
 */
import type { Brand } from '../../base/brand.ts'
import { type Token, tokensOf } from './tokens.ts'

/** 16 hexadecimal digits. */
export type Fingerprint = Brand<string, 'Fingerprint'>

const VALUE: Token = { kind: 'parameter', text: '$' }
const isValue = (token: Token | undefined): boolean => token === VALUE
const isText = (token: Token | undefined, text: string): boolean => token?.text === text && token.kind !== 'literal'

/** After these a sign belongs to the number behind it. */
const endsValue = (token: Token | undefined): boolean =>
  token !== undefined &&
  (isValue(token) || token.kind === 'quoted' || isText(token, ')') || isText(token, ']') || isOperand(token))
const isOperand = (token: Token): boolean => token.kind === 'word' && !BEFORE_OPERAND.has(token.text)
const BEFORE_OPERAND = new Set(
  'select where and or not on in values limit offset set by when then else case having between return returning is like ilike distinct all any some using'.split(
    ' ',
  ),
)

const isSign = (token: Token | undefined): boolean => token?.kind === 'operator' && /^[+-]$/.test(token.text)

/** `epoch` of `extract(epoch FROM …)`: a word, and a constant to PostgreSQL, which pg_stat_statements replaces. */
const isExtractField = (before: readonly Token[], next: Token | undefined): boolean =>
  isText(next, 'from') && isText(before.at(-1), '(') && isText(before.at(-2), 'extract')

function valuesOf(tokens: readonly Token[]): Token[] {
  const out: Token[] = []
  for (const [index, token] of tokens.entries()) {
    const before = out[out.length - 1]
    const truth = (token.text === 'true' || token.text === 'false') && token.kind === 'word'
    const constant = token.kind === 'literal' || token.kind === 'parameter'
    if (isExtractField(out, tokens[index + 1])) {
      out.push(VALUE)
      continue
    }
    if (!constant && (!truth || isText(before, 'is') || isText(before, 'not'))) {
      out.push(token)
      continue
    }
    while (isSign(out[out.length - 1]) && !endsValue(out[out.length - 2])) out.pop()
    out.push(VALUE)
  }
  return out
}

/** Lists of values of any length are one statement: `IN ($1, $2, $3)` becomes `IN ($1)`. */
function withoutLists(tokens: readonly Token[]): Token[] {
  const out: Token[] = []
  for (const token of tokens) {
    out.push(token)
    const [open, first, comma, second] = out.slice(-4)
    if (isText(comma, ',') && isValue(first) && isValue(second) && (isText(open, '(') || isText(open, '['))) {
      out.splice(-2)
    }
  }
  return out
}

const tightBefore = new Set([',', ')', ']', '.', '::', ';', '['])
const tightAfter = new Set(['(', '[', '.', '::'])

function written(tokens: readonly Token[]): string {
  let text = ''
  let parameters = 0
  tokens.forEach((token, index) => {
    const before = tokens[index - 1]
    const call = token.text === '(' && before?.kind === 'word' && !SPACED_PAREN.has(before.text)
    const tight =
      index === 0 || call || tightBefore.has(token.text) || (before !== undefined && tightAfter.has(before.text))
    if (isValue(token)) parameters += 1
    text += `${tight ? '' : ' '}${isValue(token) ? `$${parameters}` : token.text}`
  })
  return text
}

const SPACED_PAREN = new Set(
  'in values and or not as on where from join select any all exists over using then when else'.split(' '),
)

/**
 * The statement with `$n` for every literal and parameter, in order of appearance; keywords and unquoted names in lower
 * case, lists of values cut to one, comments and needless white space gone. Doing it again changes nothing.
 */
export function normaliseSql(sql: string): string {
  const tokens = withoutLists(valuesOf(tokensOf(sql)))
  let end = tokens.length
  while (end > 0 && isText(tokens[end - 1], ';')) end -= 1
  return written(tokens.slice(0, end))
}

const FNV_OFFSET = 0xcbf29ce484222325n
const FNV_PRIME = 0x100000001b3n

/** FNV-1a, 64 bits, over UTF-8 (draft-eastlake-fnv). 16 hexadecimal digits. */
export function fnv1a64(text: string): string {
  let hash = FNV_OFFSET
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME)
  }
  return hash.toString(16).padStart(16, '0')
}

/** Equal for statements that differ only in their literals, spacing, comments or the case of keywords. */
export const fingerprintOf = (sql: string): Fingerprint => fnv1a64(normaliseSql(sql)) as Fingerprint

/** `track_activity_query_size` less its end mark: a text of at least this many bytes may be cut off. */
const ACTIVITY_BYTES = 1023

/** True when the text is as long as `pg_stat_activity` keeps at the most by default, so its end may be missing. */
export const mayBeTruncated = (sql: string): boolean => new TextEncoder().encode(sql).length >= ACTIVITY_BYTES
