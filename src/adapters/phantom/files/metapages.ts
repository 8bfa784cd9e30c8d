/** Metapages of GIN and BRIN indexes: what the planner reads of them. */
import { readSync, writeSync } from 'node:fs'
import { HEADER_BYTES, PAGE_BYTES } from './page.ts'

/** What a GIN index knows of itself since its last VACUUM or build. */
export interface GinStatistics {
  readonly totalPages: number
  readonly entryPages: number
  readonly dataPages: number
  readonly entries: number
  readonly pendingPages: number
}

/** GinMetaPageData; `nPendingPages` is read as it is, the others are scaled to the file's length. */
const GIN = {
  pendingPages: HEADER_BYTES + 12,
  totalPages: HEADER_BYTES + 24,
  entryPages: HEADER_BYTES + 28,
  dataPages: HEADER_BYTES + 32,
  entries: HEADER_BYTES + 40,
}
/** BrinMetaPageData. */
const BRIN = { pagesPerRange: HEADER_BYTES + 8, lastRevmapPage: HEADER_BYTES + 12 }
/** REVMAP_PAGE_MAXITEMS: a page without its header and 8 bytes of special space, 6 bytes an item. */
const REVMAP_ITEMS = Math.floor((PAGE_BYTES - HEADER_BYTES - 8) / 6)

function edit(file: number, change: (meta: Buffer) => void): void {
  const meta = Buffer.alloc(PAGE_BYTES)
  readSync(file, meta, 0, PAGE_BYTES, 0)
  change(meta)
  writeSync(file, meta, 0, PAGE_BYTES, 0)
}

/**
 * Without numbers from production the metapage is left to say that it knows none: then the planner assumes nine tenths of the
 * pages to be entry pages with a hundred entries each.
 */
export function writeGinMetapage(file: number, known: GinStatistics | null): void {
  edit(file, (meta) => {
    meta.writeUInt32LE(known?.pendingPages ?? 0, GIN.pendingPages)
    meta.writeUInt32LE(known?.totalPages ?? 0, GIN.totalPages)
    meta.writeUInt32LE(known?.entryPages ?? 0, GIN.entryPages)
    meta.writeUInt32LE(known?.dataPages ?? 0, GIN.dataPages)
    meta.writeBigInt64LE(BigInt(known?.entries ?? 0), GIN.entries)
  })
}

/** The revmap has an item for each range of the table's pages. */
export function writeBrinMetapage(file: number, tablePages: number): void {
  edit(file, (meta) => {
    const ranges = Math.ceil(tablePages / meta.readUInt32LE(BRIN.pagesPerRange))
    meta.writeUInt32LE(Math.max(1, Math.ceil(ranges / REVMAP_ITEMS)), BRIN.lastRevmapPage)
  })
}
