/** How long a table is right after it was written anew: as ALTER COLUMN TYPE, CLUSTER or VACUUM FULL leave it. */
import { aligned, HEADER_BYTES, LINE_POINTER_BYTES, PAGE_BYTES } from '../files/page.ts'

const TUPLE_HEADER_BYTES = 23
/** TOAST_TUPLE_TARGET: wider rows move their wide values out. */
const TOAST_TARGET_BYTES = 2032

/** What the length of a table depends on. */
export interface HeapShape {
  readonly tuples: number
  /** Mean bytes of a row's values, without the row's header. */
  readonly rowBytes: number
  readonly columns: number
  /** Percent. Default 100. */
  readonly fillfactor?: number
}

/** Pages of the main file. */
export function pagesOfHeap(shape: HeapShape): number {
  if (shape.tuples < 1) return 0
  const header = aligned(TUPLE_HEADER_BYTES + Math.ceil(shape.columns / 8))
  const row = Math.min(TOAST_TARGET_BYTES, aligned(header + shape.rowBytes)) + LINE_POINTER_BYTES
  const room = (PAGE_BYTES - HEADER_BYTES) * ((shape.fillfactor ?? 100) / 100)
  return Math.ceil(shape.tuples / Math.max(1, Math.floor(room / row)))
}
