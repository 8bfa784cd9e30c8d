/** Gives a btree its production height: the planner charges for each level that a search descends. */
import { readSync, writeSync } from 'node:fs'
import { addItem, emptyPage, HEADER_BYTES, PAGE_BYTES } from './page.ts'

/** BTMetaPageData, behind the page header. */
const META = {
  root: HEADER_BYTES + 8,
  level: HEADER_BYTES + 12,
  fastroot: HEADER_BYTES + 16,
  fastlevel: HEADER_BYTES + 20,
}
/** BTPageOpaqueData, at the end of each page. */
const OPAQUE_BYTES = 16
const OPAQUE_LEVEL = PAGE_BYTES - 8
const OPAQUE_FLAGS = PAGE_BYTES - 4
const LEAF = 1
const ROOT = 2
const INDEX_ALT_TID_MASK = 0x2000
/** No btree of fewer than 2^32 pages is higher. */
const MAX_HEIGHT = 20

/**
 * An internal page with a single downlink whose key has no attributes: "minus infinity", valid in every btree, whatever its
 * columns, and cheap to descend.
 */
function internalPage(page: { readonly level: number; readonly child: number; readonly isRoot: boolean }): Buffer {
  const buffer = emptyPage(OPAQUE_BYTES)
  const tuple = addItem(buffer, 8)
  buffer.writeUInt16LE(page.child >>> 16, tuple)
  buffer.writeUInt16LE(page.child & 0xffff, tuple + 2)
  buffer.writeUInt16LE(0, tuple + 4)
  buffer.writeUInt16LE(8 | INDEX_ALT_TID_MASK, tuple + 6)
  buffer.writeUInt32LE(page.level, OPAQUE_LEVEL)
  buffer.writeUInt16LE(page.isRoot ? ROOT : 0, OPAQUE_FLAGS)
  return buffer
}

/**
 * Levels are put above the one leaf that the index has; an index without any row gets an empty leaf first. A btree that
 * has more pages already is left alone.
 * @param file of the index's first segment, open for reading and writing; no server has its pages in memory
 * @returns pages that the file has now
 */
export function raiseBtree(file: number, height: number): number {
  const levels = Math.min(height, MAX_HEIGHT)
  const meta = Buffer.alloc(PAGE_BYTES)
  readSync(file, meta, 0, PAGE_BYTES, 0)
  const root = meta.readUInt32LE(META.root)
  if (root > 1 || (root === 1 && meta.readUInt32LE(META.level) > 0)) return 0
  const leaf = emptyPage(OPAQUE_BYTES)
  leaf.writeUInt16LE(LEAF, OPAQUE_FLAGS)
  if (root === 1) readSync(file, leaf, 0, PAGE_BYTES, PAGE_BYTES)
  const flags = leaf.readUInt16LE(OPAQUE_FLAGS)
  leaf.writeUInt16LE(levels === 0 ? flags | ROOT : flags & ~ROOT, OPAQUE_FLAGS)
  writeSync(file, leaf, 0, PAGE_BYTES, PAGE_BYTES)
  for (let level = 1; level <= levels; level += 1) {
    const page = internalPage({ level, child: level, isRoot: level === levels })
    writeSync(file, page, 0, PAGE_BYTES, (level + 1) * PAGE_BYTES)
  }
  for (const at of [META.root, META.fastroot]) meta.writeUInt32LE(levels + 1, at)
  for (const at of [META.level, META.fastlevel]) meta.writeUInt32LE(levels, at)
  writeSync(file, meta, 0, PAGE_BYTES, 0)
  return levels + 2
}
