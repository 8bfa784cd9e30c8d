/** Values of which only the order is kept: texts, ids, addresses, documents. */

const hex = (rank: number, digits: number): string => rank.toString(16).padStart(digits, '0')
/** Four times as many as there are numbers in this block of private addresses would be needed to run over. */
const MAX_ADDRESSES = 2 ** 24

/** What a rank (from 1) becomes in each type that is no text. Null: there are more values than can be made. */
const MAKE: Readonly<Record<string, (rank: number) => string | null>> = {
  uuid: (rank) => `${hex(rank, 8)}-0000-4000-8000-000000000000`,
  bytea: (rank) => `\\x${hex(rank, 8)}`,
  inet: (rank) => (rank < MAX_ADDRESSES ? `10.${rank >> 16}.${(rank >> 8) & 255}.${rank & 255}` : null),
  cidr: (rank) => (rank < MAX_ADDRESSES ? `10.${rank >> 16}.${(rank >> 8) & 255}.${rank & 255}/32` : null),
  macaddr: (rank) => `02:00${hex(rank, 8).replaceAll(/../g, ':$&')}`,
  jsonb: (rank) => String(rank),
}

/** Types whose values are made from their rank. */
export const RANKED_TYPES: readonly string[] = [...Object.keys(MAKE), 'text', 'varchar', 'bpchar', 'name', 'citext']

/** What is known of the column that the values are for. */
export interface RankedOptions {
  readonly type: string
  /** Characters that fit, of a `varchar(n)` or `char(n)`; null when there is no limit. */
  readonly limit: number | null
  /** Values that stay as they are: they stand in the code. */
  readonly literals: ReadonlySet<string>
}

/**
 * Texts of digits, all of one length: they have the same order in every collation. Behind a value that stays they begin
 * with it. Null when the column is too narrow for so many.
 */
function remapTexts(sorted: readonly string[], options: RankedOptions): ReadonlyMap<string, string> | null {
  const { limit, literals } = options
  const result = new Map<string, string>()
  let prefix = ''
  for (let from = 0; from < sorted.length; ) {
    const next = sorted.findIndex((value, at) => at >= from && literals.has(value.trimEnd()))
    const to = next === -1 ? sorted.length : next
    const width = String(to - from).length
    const fits = limit === null || prefix.length + width <= limit
    // Where the value that stays leaves no room, the order around it gives way; the frequencies do not.
    const start = fits ? prefix : ''
    if (limit !== null && start.length + width > limit) return null
    for (let at = from; at < to; at += 1) {
      result.set(sorted[at] ?? '', `${start}${String(at - from + 1).padStart(width, '0')}`)
    }
    const kept = sorted[to]
    if (kept !== undefined) {
      result.set(kept, kept)
      prefix = kept.trimEnd()
    }
    from = to + 1
  }
  return new Set(result.values()).size === result.size ? result : null
}

/**
 * New values for old, in the same order.
 * @param sorted each value once, in the order of its type and collation
 * @returns null when the type has too few values
 */
export function remapRanked(sorted: readonly string[], options: RankedOptions): ReadonlyMap<string, string> | null {
  const make = MAKE[options.type]
  if (make === undefined) return remapTexts(sorted, options)
  const made = sorted.map((value, at) => [value, make(at + 1)] as const)
  const result = new Map<string, string>()
  for (const [value, text] of made) {
    if (text === null) return null
    result.set(value, text)
  }
  return result
}
