/** The layout of PostgreSQL's pages, as in src/include/storage/bufpage.h of PostgreSQL 18. Little-endian machines only. */

/** Bytes of a page: the binaries of npm are built with the default block size. */
export const PAGE_BYTES = 8192
/** Pages of one segment file (1 GiB): the next ones lie in `<file>.1`, `<file>.2`, … */
export const SEGMENT_PAGES = 131_072
/** SizeOfPageHeaderData: where line pointers, or a metapage's contents, begin. */
export const HEADER_BYTES = 24
/** An entry of the line pointer array. */
export const LINE_POINTER_BYTES = 4
/** `MAXALIGN` on 64-bit machines. */
export const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8

const PD_LOWER = 12
const PD_UPPER = 14
const PD_SPECIAL = 16
const PD_PAGESIZE_VERSION = 18
const LAYOUT_VERSION = 4

/** An empty page, with `special` bytes at its end for the access method. */
export function emptyPage(special: number): Buffer {
  const page = Buffer.alloc(PAGE_BYTES)
  page.writeUInt16LE(HEADER_BYTES, PD_LOWER)
  page.writeUInt16LE(PAGE_BYTES - special, PD_UPPER)
  page.writeUInt16LE(PAGE_BYTES - special, PD_SPECIAL)
  page.writeUInt16LE(PAGE_BYTES | LAYOUT_VERSION, PD_PAGESIZE_VERSION)
  return page
}

/** Puts one item on an empty page and gives its offset. */
export function addItem(page: Buffer, bytes: number): number {
  const at = page.readUInt16LE(PD_UPPER) - bytes
  page.writeUInt16LE(HEADER_BYTES + LINE_POINTER_BYTES, PD_LOWER)
  page.writeUInt16LE(at, PD_UPPER)
  const LP_NORMAL = 1
  page.writeUInt32LE((at | (LP_NORMAL << 15) | (bytes << 17)) >>> 0, HEADER_BYTES)
  return at
}
