/**
 * pg_stat_statements puts `$n` for every constant, which gives texts that PostgreSQL no longer takes. These put right what
 * is known to go wrong; each gives the new text, or null when there is nothing for it to do.
 */
import { tokens, UnterminatedSql } from '../../postgres/scan.ts'

interface Piece {
  readonly text: string
  readonly kind: 'word' | 'quoted' | 'parameter' | 'blank' | 'symbol'
}

function piecesOf(sql: string): Piece[] | null {
  try {
    return [...tokens(sql)].map(({ kind, start, end }) => ({ kind, text: sql.slice(start, end) }))
  } catch (error) {
    if (error instanceof UnterminatedSql) return null
    throw error
  }
}

const joined = (pieces: readonly Piece[]): string => pieces.map(({ text }) => text).join('')

/** Types that may stand before a string: `interval '1 day'`, which becomes `interval $1`. */
const TYPES_BEFORE_STRINGS = new Set(
  'interval date timestamp timestamptz time timetz uuid json jsonb inet cidr point box circle polygon path line bytea numeric int4range int8range daterange tsrange tstzrange tsquery tsvector regclass'.split(
    ' ',
  ),
)

/**
 * `interval $1` → `$1::interval`, `timestamp with time zone $1` → `$1::timestamp with time zone`, and
 * `extract($1 FROM a)` → `date_part($1, a)`, which takes the field as a value.
 */
export function repairTypedLiterals(sql: string): string | null {
  const pieces = piecesOf(sql)
  if (pieces === null) return null
  const zoned = sql.replace(
    /\b(timestamp|time)\s+(with|without)\s+time\s+zone\s+(\$\d+)/gi,
    (...[, type, how, parameter]: readonly string[]) => `${parameter}::${type} ${how} time zone`,
  )
  if (zoned !== sql) return repairTypedLiterals(zoned) ?? zoned
  const parted = sql.replace(/\bextract\s*\(\s*(\$\d+)\s+from\b/gi, 'date_part($1,')
  if (parted !== sql) return repairTypedLiterals(parted) ?? parted
  let changed = false
  for (const [at, piece] of pieces.entries()) {
    const [blank, parameter] = [pieces[at + 1], pieces[at + 2]]
    if (piece.kind !== 'word' || !TYPES_BEFORE_STRINGS.has(piece.text.toLowerCase())) continue
    if (blank?.kind !== 'blank' || parameter?.kind !== 'parameter') continue
    // `date $1` in `t.date $1` cannot be, and `::date $1` neither: a type stands alone.
    pieces.splice(at, 3, parameter, { kind: 'symbol', text: '::' }, piece)
    changed = true
  }
  return changed ? joined(pieces) : null
}

/** How many values a list is taken to have when its text says only that there were several. */
export const SQUASHED_LIST_LENGTH = 5

/**
 * PostgreSQL 18 keeps `IN ($1 /*, ... *​/)` of a list of any length: planned with one value it would be another query.
 * The new parameters get numbers above all others.
 */
export function expandLists(sql: string): string | null {
  if (!/\/\*, \.\.\. \*\//.test(sql)) return null
  let next = highestParameter(sql)
  return sql.replace(/(\$\d+)((?:::[\w ]+?)?)\s*\/\*, \.\.\. \*\//g, (_all, first: string, cast: string) => {
    const more = Array.from({ length: SQUASHED_LIST_LENGTH - 1 }, () => {
      next += 1
      return `$${next}${cast}`
    })
    return [`${first}${cast}`, ...more].join(', ')
  })
}

/** The highest `$n` outside quotes and comments; 0 for none. */
export function highestParameter(sql: string): number {
  const pieces = piecesOf(sql) ?? []
  return pieces.reduce((max, { kind, text }) => (kind === 'parameter' ? Math.max(max, Number(text.slice(1))) : max), 0)
}

/** Where `GROUP BY` or `ORDER BY` begins to list its items, as offsets of pieces. */
function listStarts(pieces: readonly Piece[]): readonly number[] {
  return pieces.flatMap((piece, at) => {
    if (piece.kind !== 'word' || !/^(group|order)$/i.test(piece.text)) return []
    const by = pieces.findIndex((one, index) => index > at && one.kind !== 'blank')
    return pieces[by]?.text.toLowerCase() === 'by' ? [by + 1] : []
  })
}

interface Item {
  readonly from: number
  readonly to: number
}

/** The comma-separated items from `start` on, until their clause ends. */
function itemsFrom(pieces: readonly Piece[], start: number): readonly Item[] {
  const items: Item[] = []
  let [depth, from] = [0, start]
  for (let at = start; at <= pieces.length; at += 1) {
    const piece = pieces[at]
    const text = piece?.kind === 'quoted' ? '' : (piece?.text.toLowerCase() ?? ')')
    if (text === '(' || text === '[') depth += 1
    const ends =
      depth === 0 && /^(\)|;|having|order|limit|offset|union|window|fetch|for|except|intersect|desc|asc)$/.test(text)
    if ((depth === 0 && text === ',') || ends) {
      items.push({ from, to: at })
      from = at + 1
    }
    if (ends && !/^(desc|asc)$/.test(text)) return items
    if (text === ')' || text === ']') depth -= 1
  }
  return items
}

const shapeOf = (pieces: readonly Piece[]): string =>
  pieces
    .filter(({ kind }) => kind !== 'blank')
    .map(({ kind, text }) => (kind === 'parameter' ? '$' : kind === 'quoted' ? text : text.toLowerCase()))
    .join(' ')

/** The parameters of the first place before `item` that looks the same but for its parameters' numbers. */
function twinOf(pieces: readonly Piece[], item: Item): readonly string[] | null {
  const own = pieces.slice(item.from, item.to).filter(({ kind }) => kind !== 'blank')
  const before = pieces.slice(0, item.from).filter(({ kind }) => kind !== 'blank')
  const shape = shapeOf(own)
  for (let at = 0; at + own.length <= before.length; at += 1) {
    const window = before.slice(at, at + own.length)
    if (window[0]?.text.toLowerCase() === own[0]?.text.toLowerCase() && shapeOf(window) === shape)
      return window.filter(({ kind }) => kind === 'parameter').map(({ text }) => text)
  }
  return null
}

/** `SELECT date_trunc($1, t) … GROUP BY date_trunc($2, t)`: the same constant before, so the same parameter again. */
export function repairGrouping(sql: string): string | null {
  const pieces = piecesOf(sql)
  if (pieces === null) return null
  let changed = false
  for (const start of listStarts(pieces)) {
    for (const item of itemsFrom(pieces, start)) {
      const parameters = pieces.slice(item.from, item.to).filter(({ kind }) => kind === 'parameter')
      const twin = parameters.length === 0 ? null : twinOf(pieces, item)
      if (twin === null || twin.length !== parameters.length) continue
      let next = 0
      for (let at = item.from; at < item.to; at += 1) {
        if (pieces[at]?.kind !== 'parameter') continue
        const text = twin[next] ?? ''
        changed ||= pieces[at]?.text !== text
        pieces[at] = { kind: 'parameter', text }
        next += 1
      }
    }
  }
  return changed ? joined(pieces) : null
}
