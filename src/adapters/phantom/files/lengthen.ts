/** Gives a relation's files production's length without production's bytes. */
import { chownSync, closeSync, fchmodSync, fstatSync, ftruncateSync, openSync, statSync } from 'node:fs'
import { raiseBtree } from './btree.ts'
import { type GinStatistics, writeBrinMetapage, writeGinMetapage } from './metapages.ts'
import { PAGE_BYTES, SEGMENT_PAGES } from './page.ts'

/** Segments of one relation: the largest that PostgreSQL can have has 32 TiB. */
const MAX_SEGMENTS = 32_768

/** What a relation's files are to look like. */
export interface FileShape {
  /** Absolute, of the first segment. */
  readonly path: string
  /** Of the main fork. */
  readonly pages: number
  /** What the planner reads of an index besides its length. */
  readonly inside:
    | { readonly kind: 'btree'; readonly height: number }
    | { readonly kind: 'gin'; readonly known: GinStatistics | null }
    | { readonly kind: 'brin'; readonly tablePages: number }
    | { readonly kind: 'none' }
}

/** Nobody may have pages of the relation in memory. Files are only ever made longer. */
export function shapeFiles(shape: FileShape): void {
  const owner = statSync(shape.path)
  const file = openSync(shape.path, 'r+')
  try {
    if (fstatSync(file).size >= PAGE_BYTES) shapeInside(file, shape)
    lengthen(file, Math.min(shape.pages, SEGMENT_PAGES))
  } finally {
    closeSync(file)
  }
  const segments = Math.min(MAX_SEGMENTS, Math.ceil(shape.pages / SEGMENT_PAGES))
  for (let segment = 1; segment < segments; segment += 1) {
    const path = `${shape.path}.${segment}`
    const next = openSync(path, 'a', 0o600)
    try {
      lengthen(next, Math.min(shape.pages - segment * SEGMENT_PAGES, SEGMENT_PAGES))
      fchmodSync(next, owner.mode & 0o777)
    } finally {
      closeSync(next)
    }
    chownSync(path, owner.uid, owner.gid)
  }
}

function shapeInside(file: number, { inside }: FileShape): void {
  if (inside.kind === 'btree') raiseBtree(file, inside.height)
  if (inside.kind === 'gin') writeGinMetapage(file, inside.known)
  if (inside.kind === 'brin') writeBrinMetapage(file, inside.tablePages)
}

function lengthen(file: number, pages: number): void {
  if (fstatSync(file).size < pages * PAGE_BYTES) ftruncateSync(file, pages * PAGE_BYTES)
}
