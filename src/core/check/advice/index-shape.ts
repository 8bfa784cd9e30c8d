/** An index as its definition says, in a form that can be compared: by what it orders and holds, not by its name. */
import { type Token, tokensOf } from '../../postgres/tokens.ts'

/** One key, in the words of the definition, levelled. */
export interface KeyShape {
  /** The column or expression, without operator class, collation and order. */
  readonly what: string
  /** The column, unquoted; null for an expression. */
  readonly column: string | null
  /** Operator class and collation; empty for the defaults. */
  readonly options: string
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/** An index by what it does. */
export interface IndexShape {
  readonly name: string
  readonly schema: string
  readonly table: string
  readonly unique: boolean
  readonly method: string
  readonly keys: readonly KeyShape[]
  readonly include: readonly string[]
  /** The WHERE of a partial index, levelled; null for a whole one. */
  readonly predicate: string | null
}

const DEFAULT_SCHEMA = 'public'

const isWord = (token: Token | undefined, text: string): boolean => token?.kind === 'word' && token.text === text

/** A name without its quotes; other tokens as they are, and the empty text for none. */
export const plainName = (token: Token | undefined): string =>
  token === undefined
    ? ''
    : token.kind === 'quoted'
      ? token.text.replace(/^"|"$/g, '').replaceAll('""', '"')
      : token.text

/** Types that PostgreSQL writes as several words. */
const TYPE_WORDS = new Set(['varying', 'precision', 'with', 'without', 'time', 'zone'])

/**
 * `status = 'pending'::text`, `(status = 'pending')` and `((status)::text = 'pending'::text)` come to one: outer
 * parentheses, casts and spaces go.
 */
export function levelled(tokens: readonly Token[]): string {
  const out: string[] = []
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    if (token === undefined) continue
    if (token.text === '::') {
      at += 1
      while (TYPE_WORDS.has(tokens[at + 1]?.text ?? '')) at += 1
      if (tokens[at + 1]?.text === '(') while (at + 1 < tokens.length && tokens[at]?.text !== ')') at += 1
      if (tokens[at + 1]?.text === '[') at += 2
    } else out.push(token.kind === 'quoted' ? quotedIfNeeded(plainName(token)) : token.text)
  }
  return withoutLoneParentheses(out).join(' ')
}

/** Words that are no plain names for SQL. The usual ones; the others are quoted to be safe by whoever writes them. */
const RESERVED = new Set(
  'all analyse analyze and any array as asc both case cast check collate column constraint create current_date current_role current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral leading limit localtime localtimestamp not null offset on only or order placing primary references returning select session_user some symmetric table then to trailing true union unique user using variadic when where window with'.split(
    ' ',
  ),
)

/** A name as SQL takes it. */
export const quotedIfNeeded = (name: string): string =>
  /^[a-z_][a-z0-9_$]*$/.test(name) && !RESERVED.has(name) ? name : `"${name.replaceAll('"', '""')}"`

/** Drops pairs that hold one word, or everything. */
function withoutLoneParentheses(texts: readonly string[]): readonly string[] {
  let now = texts
  for (let round = 0; round < texts.length; round++) {
    const at = now.findIndex(
      (text, index) => text === '(' && now[index + 2] === ')' && !/^[a-z_][\w$]*$|^"/i.test(now[index - 1] ?? '('),
    )
    if (at !== -1) now = now.filter((_, index) => index !== at && index !== at + 2)
    else if (wraps(now)) now = now.slice(1, -1)
    else break
  }
  return now
}

function wraps(texts: readonly string[]): boolean {
  let depth = 0
  if (texts[0] !== '(') return false
  for (const [index, text] of texts.entries()) {
    if (text === '(') depth += 1
    if (text === ')') depth -= 1
    if (depth === 0) return index === texts.length - 1
  }
  return false
}

/** The items between the parenthesis at `open` and its partner, cut at the commas between them. */
export function itemsAt(tokens: readonly Token[], open: number): { items: readonly (readonly Token[])[]; end: number } {
  const items: Token[][] = [[]]
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    const token = tokens[at]
    if (token === undefined) break
    if (token.text === '(' || token.text === '[') depth += 1
    if (token.text === ')' || token.text === ']') depth -= 1
    if (depth === 0) return { items: items.filter((item) => item.length > 0), end: at + 1 }
    if (depth === 1 && token.text === ',') items.push([])
    else if (at > open) items[items.length - 1]?.push(token)
  }
  return { items: items.filter((item) => item.length > 0), end: tokens.length }
}

/** How many tokens the column or expression at the start of a key takes. */
function lengthOfWhat(tokens: readonly Token[]): number {
  let depth = 0
  for (const [index, token] of tokens.entries()) {
    if (token.text === '(') depth += 1
    if (token.text === ')') depth -= 1
    const next = tokens[index + 1]
    if (depth === 0 && next?.text !== '(' && next?.text !== '.' && token.text !== '.') return index + 1
  }
  return tokens.length
}

function keyOf(tokens: readonly Token[]): KeyShape {
  const length = lengthOfWhat(tokens)
  const [what, rest] = [tokens.slice(0, length), tokens.slice(length)]
  const descending = rest.some((token) => isWord(token, 'desc'))
  const nulls = rest.findIndex((token) => isWord(token, 'nulls'))
  const order = new Set(['asc', 'desc', 'nulls', 'first', 'last'])
  return {
    what: levelled(what),
    column: length === 1 ? plainName(what[0]) : null,
    options: rest
      .filter((token) => !order.has(token.text))
      .map((token) => token.text)
      .join(' '),
    descending,
    nullsFirst: nulls === -1 ? descending : isWord(rest[nulls + 1], 'first'),
  }
}

function nameBefore(tokens: readonly Token[], end: number): { schema: string; name: string } {
  const qualified = tokens[end - 2]?.text === '.'
  return { schema: qualified ? plainName(tokens[end - 3]) : DEFAULT_SCHEMA, name: plainName(tokens[end - 1]) }
}

/** Null when the text is no `CREATE INDEX`. */
export function shapeOfIndex(definition: string): IndexShape | null {
  const tokens = tokensOf(definition)
  const find = (text: string, from: number) => tokens.findIndex((token, at) => at >= from && isWord(token, text))
  const [index, on] = [find('index', 0), find('on', 0)]
  if (!isWord(tokens[0], 'create') || index === -1 || on < index) return null
  const open = tokens.findIndex((token, at) => at > on && token.text === '(')
  if (open === -1) return null
  const using = find('using', on)
  const hasMethod = using !== -1 && using < open
  const place = nameBefore(tokens, hasMethod ? using : open)
  const { items, end } = itemsAt(tokens, open)
  const [include, where] = [find('include', end), find('where', end)]
  const named = on - index > 1 && !['concurrently', 'exists'].includes(tokens[on - 1]?.text ?? '')
  return {
    name: named ? plainName(tokens[on - 1]) : '',
    schema: place.schema,
    table: place.name,
    unique: isWord(tokens[1], 'unique'),
    method: hasMethod ? plainName(tokens[using + 1]) : 'btree',
    keys: items.map(keyOf),
    include: include === -1 ? [] : itemsAt(tokens, include + 1).items.map((item) => plainName(item[0])),
    predicate:
      where === -1
        ? null
        : levelled(tokens.slice(where + 1).filter((token, at, all) => token.text !== ';' || at < all.length - 1)),
  }
}

const keyText = (key: KeyShape): string =>
  [key.what, key.options, key.descending ? 'desc' : '', key.nullsFirst ? 'nulls first' : ''].join(' ')

/** Equal for indexes that do the same on the same table, whatever their names. */
export const sameIndexKey = (shape: IndexShape): string =>
  JSON.stringify([shape.table, shape.unique, shape.method, shape.keys.map(keyText), shape.include, shape.predicate])

/**
 * Does `wide` serve every search that `narrow` serves? Same table, method and rows, the narrow one's keys first and in
 * the same or fully opposite order, and its included columns somewhere in it. A unique index is covered by none: it
 * forbids duplicates.
 */
export function covers(wide: IndexShape, narrow: IndexShape): boolean {
  if (wide.table !== narrow.table || wide.schema !== narrow.schema || wide.method !== narrow.method) return false
  if (narrow.unique || wide.predicate !== narrow.predicate || wide.keys.length < narrow.keys.length) return false
  // The order of its keys matters only to a btree's.
  if (wide.method === 'gin' || wide.method === 'gist' || wide.method === 'brin') {
    const keys = wide.keys.map(keyText)
    return narrow.keys.every((key) => keys.includes(keyText(key)))
  }
  const turned = (key: KeyShape): KeyShape => ({ ...key, descending: !key.descending, nullsFirst: !key.nullsFirst })
  const leads = (turn: boolean) =>
    narrow.keys.every((key, at) => {
      const other = wide.keys[at]
      return other !== undefined && keyText(turn ? turned(key) : key) === keyText(other)
    })
  const held = new Set([...wide.keys.flatMap((key) => key.column ?? []), ...wide.include])
  return (leads(false) || leads(true)) && narrow.include.every((column) => held.has(column))
}
