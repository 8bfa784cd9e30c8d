import type { LintRule } from '../rule.ts'
import { type DeclaredColumn, declaredColumns } from '../tree/declared-columns.ts'
import { written } from '../tree/pick.ts'

/** How a type lies in a row: `align` bytes is where it may begin, `size` is its length. */
interface Layout {
  readonly size: number
  readonly align: number
}

/**
 * pg_type.typlen and typalign on 64-bit machines. What is not here has a length of its own in each row: text, numeric,
 * jsonb, arrays; short values of these need no alignment.
 */
const FIXED: ReadonlyMap<string, Layout> = new Map(
  Object.entries({
    bool: [1, 1],
    char: [1, 1],
    int2: [2, 2],
    smallserial: [2, 2],
    int4: [4, 4],
    serial: [4, 4],
    float4: [4, 4],
    date: [4, 4],
    oid: [4, 4],
    macaddr: [6, 4],
    int8: [8, 8],
    bigserial: [8, 8],
    float8: [8, 8],
    money: [8, 8],
    timestamp: [8, 8],
    timestamptz: [8, 8],
    time: [8, 8],
    timetz: [12, 8],
    interval: [16, 8],
    uuid: [16, 1],
  }).map(([name, [size = 0, align = 1]]) => [name, { size, align }]),
)

/** Rows are padded to this in the end. */
const ROW_ALIGN = 8
/** Below this many bytes a row the order of columns is not worth a word. */
const MIN_SAVED_BYTES = 8

const layoutOf = (column: DeclaredColumn): Layout | null =>
  column.type.isArray ? null : (FIXED.get(column.type.name) ?? null)

const roundUp = (offset: number, align: number): number => Math.ceil(offset / align) * align

/**
 * Bytes that the columns take in that order. Behind a value of varying length the next one begins anywhere: on average
 * half of what it can lose is lost.
 */
function bytesOf(layouts: readonly (Layout | null)[]): number {
  let total = 0
  /** Offset modulo ROW_ALIGN; null where it is not known. */
  let phase: number | null = 0
  for (const layout of layouts) {
    if (layout === null) phase = null
    else {
      const { size, align } = layout
      const padding: number = phase === null ? (align - 1) / 2 : roundUp(phase, align) - phase
      total += padding + size
      if (phase !== null) phase = (phase + padding + size) % ROW_ALIGN
      else if (align === ROW_ALIGN) phase = size % ROW_ALIGN
    }
  }
  return total
}

/** Widest first, and what has no fixed length last. */
const inBestOrder = (columns: readonly DeclaredColumn[]): readonly DeclaredColumn[] => {
  const rank = (column: DeclaredColumn) => layoutOf(column)?.align ?? 0
  return [...columns].sort((left, right) => rank(right) - rank(left))
}

/** Padding between columns is disk, memory and cache that holds nothing. */
export const columnAlignmentPadding: LintRule = {
  id: 'column-alignment-padding',
  title: 'Order of columns that wastes space in every row',
  squawk: [],
  level: 'note',
  // Only the largest tables are worth it.
  defaultOn: false,
  statement: (context) => {
    const columns = declaredColumns(context).filter(({ how }) => how === 'create')
    const best = inBestOrder(columns)
    const saved = Math.round(bytesOf(columns.map(layoutOf)) - bytesOf(best.map(layoutOf)))
    const [first] = columns
    if (first === undefined || saved < MIN_SAVED_BYTES) return []
    return [
      {
        message: `The order of the columns of ${written(first.relation)} wastes about ${saved} bytes in every row on alignment: ${saved} MB in each million rows.`,
        remedy: `Put them in this order: ${best.map(({ name }) => written(name)).join(', ')}.`,
      },
    ]
  },
}
