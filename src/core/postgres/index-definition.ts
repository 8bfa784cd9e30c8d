/** Reads `pg_get_indexdef`: which columns an index orders, and which rows it holds. */
import { type Token, tokensOf } from './tokens.ts'

/** One column or expression that an index orders by. */
export interface IndexKey {
  /** The column, unquoted; null for an expression. */
  readonly column: string | null
  /** All columns named in it. */
  readonly columns: readonly string[]
}

/** What an index orders and which rows it holds. */
export interface IndexDefinition {
  readonly name: string
  /** Without its schema. */
  readonly table: string
  readonly unique: boolean
  /** `btree`, `gin`, … */
  readonly method: string
  readonly keys: readonly IndexKey[]
  readonly include: readonly string[]
  /** Columns of the WHERE of a partial index, empty otherwise. */
  readonly predicateColumns: readonly string[]
}

const nameOf = (token: Token | undefined): string =>
  token === undefined
    ? ''
    : token.kind === 'quoted'
      ? token.text.replace(/^(u&)?"|"$/gi, '').replaceAll('""', '"')
      : token.text

const WORDS_OF_EXPRESSIONS = new Set(
  'and or not is null true false any all some in like ilike between case when then else end array distinct from collate asc desc nulls first last with without time zone at cast as interval double precision varying'.split(
    ' ',
  ),
)

/**
 * Columns that an expression names, in order: words and quoted names that are no keyword, no function, no type of a cast.
 * `alias`: only columns of that table, or without any qualifier; all when it is left out.
 */
export function columnsIn(expression: string, alias?: readonly string[]): readonly string[] {
  return namesIn(tokensOf(expression), alias)
}

function namesIn(tokens: readonly Token[], alias?: readonly string[]): readonly string[] {
  const names = tokens.flatMap((token, index) => {
    const [before, after] = [tokens[index - 1], tokens[index + 1]]
    if (token.kind !== 'word' && token.kind !== 'quoted') return []
    if (token.kind === 'word' && WORDS_OF_EXPRESSIONS.has(token.text)) return []
    if (after?.text === '(' || after?.text === '.' || before?.text === '::') return []
    const qualifier = before?.text === '.' ? nameOf(tokens[index - 2]) : null
    return qualifier !== null && alias !== undefined && !alias.includes(qualifier) ? [] : [nameOf(token)]
  })
  return [...new Set(names)]
}

/** The items between the parenthesis at `open` and its partner, cut at the commas between them. */
function itemsAt(
  tokens: readonly Token[],
  open: number,
): { readonly items: readonly (readonly Token[])[]; readonly end: number } {
  const items: Token[][] = [[]]
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    const token = tokens[at]
    if (token === undefined) break
    if (token.text === '(') depth += 1
    if (token.text === ')') depth -= 1
    if (depth === 0) return { items, end: at + 1 }
    if (depth === 1 && token.text === ',') items.push([])
    else if (at > open) items[items.length - 1]?.push(token)
  }
  return { items, end: tokens.length }
}

function keyOf(tokens: readonly Token[]): IndexKey {
  const [first, second] = tokens
  const plain = (first?.kind === 'word' || first?.kind === 'quoted') && second?.text !== '(' && second?.text !== '.'
  // Behind a column or an expression come its collation, operator class and order, none of which is a column.
  if (plain) return { column: nameOf(first), columns: [nameOf(first)] }
  const close = tokens.findLastIndex((token) => token.text === ')')
  return { column: null, columns: namesIn(tokens.slice(0, close + 1)) }
}

/** Null when the text is no `CREATE INDEX`. Tolerant: what it does not know, it skips. */
export function parseIndexDefinition(definition: string): IndexDefinition | null {
  const tokens = tokensOf(definition)
  const wordAt = (text: string, from = 0) =>
    tokens.findIndex((one, at) => at >= from && one.kind === 'word' && one.text === text)
  const [index, on] = [wordAt('index'), wordAt('on')]
  if (tokens[0]?.text !== 'create' || index === -1 || on === -1) return null
  const open = tokens.findIndex((one, at) => at > on && one.text === '(')
  if (open === -1) return null
  const using = wordAt('using', on)
  const hasMethod = using !== -1 && using < open
  const table = tokens[(hasMethod ? using : open) - 1]
  const { items, end } = itemsAt(tokens, open)
  const include = wordAt('include', end)
  const where = wordAt('where', end)
  return {
    name: on - index > 1 ? nameOf(tokens[on - 1]) : '',
    table: nameOf(table),
    unique: tokens[1]?.text === 'unique',
    method: hasMethod ? nameOf(tokens[using + 1]) : 'btree',
    keys: items.map(keyOf),
    include: include === -1 ? [] : itemsAt(tokens, include + 1).items.map((item) => nameOf(item[0])),
    predicateColumns: where === -1 ? [] : namesIn(tokens.slice(where + 1)),
  }
}
