/** Rough lengths of indexes other than btrees. Whoever reads them is told that they are modelled. */
import { aligned, HEADER_BYTES, LINE_POINTER_BYTES, PAGE_BYTES } from '../files/page.ts'

/** What these sizes depend on. */
export interface OtherIndex {
  readonly method: string
  readonly tuples: number
  readonly keyBytes: number
  readonly tablePages: number
  /** BRIN: pages of the table that one entry covers. Default 128. */
  readonly pagesPerRange?: number
  /** GIN: elements of one value, from statistics where they say so. */
  readonly elements: number
}

const ROOM = PAGE_BYTES - HEADER_BYTES - 16
/** Pages that were split are two thirds full on average. */
const SPLIT_FILL = 0.67
/** HASH_DEFAULT_FILLFACTOR; buckets come in powers of two. */
const HASH_FILL = 0.75
/** Bytes of an item pointer in GIN's compressed posting lists, of rows that lie near one another. */
const GIN_POINTER_BYTES = 2

/** Pages of the whole file. */
export function pagesOfOther(index: OtherIndex): number {
  const entry = aligned(8 + index.keyBytes) + LINE_POINTER_BYTES
  if (index.method === 'brin') {
    const ranges = Math.ceil(index.tablePages / (index.pagesPerRange ?? 128))
    return 2 + Math.ceil(ranges / 1360) + Math.floor((ranges * (entry + 16)) / ROOM)
  }
  if (index.tuples < 1) return index.method === 'gin' ? 2 : 1
  if (index.method === 'hash') {
    const buckets = 2 ** Math.ceil(Math.log2(Math.max(2, (index.tuples * 20) / (ROOM * HASH_FILL))))
    return 2 + Math.ceil(buckets * 1.1)
  }
  if (index.method === 'gin') return 2 + Math.ceil((index.tuples * index.elements * GIN_POINTER_BYTES * 1.2) / ROOM)
  return 1 + Math.ceil((index.tuples * entry) / (ROOM * SPLIT_FILL))
}
