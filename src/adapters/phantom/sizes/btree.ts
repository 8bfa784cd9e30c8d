/**
 * How large a btree is right after it was built, and how high. The figures are those of nbtsort.c and nbtdedup.c: leaves are
 * filled to the fill factor, duplicates share a posting list, pages above the leaves are filled to 70 %.
 */
import { aligned, HEADER_BYTES, LINE_POINTER_BYTES, PAGE_BYTES } from '../files/page.ts'

const OPAQUE_BYTES = 16
const TUPLE_HEADER_BYTES = 8
const TID_BYTES = 6
const USABLE = PAGE_BYTES - HEADER_BYTES - OPAQUE_BYTES
const DEFAULT_FILLFACTOR = 90
/** BTREE_NONLEAF_FILLFACTOR. */
const INTERNAL_FILL = 0.7
/** A posting list made while building takes at most a tenth of a page. */
const MAX_POSTING_BYTES = Math.floor(PAGE_BYTES / 10 / 8) * 8 - LINE_POINTER_BYTES
const MIN_FANOUT = 2

/** What the size of a btree depends on. */
export interface BtreeShape {
  readonly tuples: number
  /** Bytes of the keys and included columns of one entry, alignment between columns included. */
  readonly keyBytes: number
  /** Bytes of the key columns alone: what pages above the leaves hold. */
  readonly pivotBytes: number
  /** Different keys; `tuples` when all differ. */
  readonly distinct: number
  /** Rows of the most common keys, where known: they fill posting lists to the limit. */
  readonly common: readonly number[]
  readonly deduplicates: boolean
  /** Percent. Default 90. */
  readonly fillfactor?: number
}

/** Pages of the whole file, and levels above the leaves. */
export function sizeOfBtree(shape: BtreeShape): { readonly pages: number; readonly height: number } {
  if (shape.tuples < 1) return { pages: 1, height: 0 }
  const kept = (PAGE_BYTES * (100 - (shape.fillfactor ?? DEFAULT_FILLFACTOR))) / 100
  const single = aligned(TUPLE_HEADER_BYTES + shape.keyBytes)
  const room = USABLE - kept - single - LINE_POINTER_BYTES
  const bytes = leafBytes(shape, single)
  const perItem = bytes.total / bytes.items
  const perPage = Math.max(1, Math.floor(room / perItem))
  let level = Math.ceil(bytes.items / perPage)
  let pages = 1 + level
  let height = 0
  for (const fanout = fanoutOf(shape.pivotBytes); level > 1; height += 1) {
    level = Math.ceil(level / fanout)
    pages += level
  }
  return { pages, height }
}

/** Levels above the leaves of a btree of which only the length is known. */
export function heightOfBtree(index: { readonly pages: number; readonly pivotBytes: number }): number {
  const fanout = fanoutOf(index.pivotBytes)
  let height = 0
  // Pages above the leaves are few: they change the number of levels only at its very edge.
  for (let level = Math.max(1, (index.pages - 1) * (1 - 1 / fanout)); level > 1; height += 1)
    level = Math.ceil(level / fanout)
  return height
}

const fanoutOf = (pivotBytes: number): number =>
  Math.max(
    MIN_FANOUT,
    Math.floor((USABLE * INTERNAL_FILL) / (aligned(TUPLE_HEADER_BYTES + pivotBytes) + LINE_POINTER_BYTES)),
  )

/** Bytes of all leaf entries with their line pointers, posting lists taken together. */
function leafBytes(shape: BtreeShape, single: number): { readonly total: number; readonly items: number } {
  const { tuples, deduplicates } = shape
  const plain = { total: tuples * (single + LINE_POINTER_BYTES), items: tuples }
  if (!deduplicates) return plain
  const common = shape.common.reduce((sum, rows) => sum + rows, 0)
  const rest = Math.max(0, tuples - common)
  const restKeys = Math.max(rest > 0 ? 1 : 0, Math.min(rest, shape.distinct - shape.common.length))
  let [total, items] = [0, 0]
  const add = (rows: number, times: number) => {
    const lists = postings(rows, single)
    total += lists.total * times
    items += lists.items * times
  }
  for (const rows of shape.common) if (rows >= 1) add(rows, 1)
  if (rest > 0 && restKeys > 0) {
    const [rows, full] = [rest / restKeys, Math.floor(rest / restKeys)]
    // Keys have whole numbers of rows: between two of them, each gets its part of the keys.
    add(full, restKeys * (1 - (rows - full)))
    if (rows > full) add(full + 1, restKeys * (rows - full))
  }
  return items === 0 ? plain : { total, items }
}

function postings(rows: number, single: number): { readonly total: number; readonly items: number } {
  if (rows <= 1) return { total: single + LINE_POINTER_BYTES, items: 1 }
  const perList = Math.max(1, Math.floor((MAX_POSTING_BYTES - single) / TID_BYTES))
  const lists = Math.ceil(rows / perList)
  const bytes = (count: number) => aligned(single + count * TID_BYTES) + LINE_POINTER_BYTES
  const last = rows - (lists - 1) * perList
  return { total: (lists - 1) * bytes(perList) + bytes(last), items: lists }
}
