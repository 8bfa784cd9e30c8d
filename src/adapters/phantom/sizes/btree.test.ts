import { describe, expect, it } from 'vitest'
import { heightOfBtree, sizeOfBtree } from './btree.ts'
import { pagesOfHeap } from './heap.ts'

/** Measured on PostgreSQL 18: pages and levels of indexes right after CREATE INDEX. */
const unique = (tuples: number, bytes: number) => ({
  tuples,
  keyBytes: bytes,
  pivotBytes: bytes,
  distinct: tuples,
  common: [],
  deduplicates: true,
})

describe('the modelled size of a btree', () => {
  it('is that of a primary key of two million numbers', () => {
    const { pages, height } = sizeOfBtree(unique(2_000_000, 8))
    expect(Math.abs(pages - 5486)).toBeLessThan(60)
    expect(height).toBe(2)
  })

  it('is small when few values repeat, since equal keys share a posting list', () => {
    const shared = sizeOfBtree({ ...unique(2_000_000, 8), distinct: 4 })
    const apart = sizeOfBtree({ ...unique(2_000_000, 8), distinct: 4, deduplicates: false })
    expect(shared.pages).toBeLessThan(apart.pages / 2.5)
  })

  it('is one page without rows', () => {
    expect(sizeOfBtree(unique(0, 8))).toEqual({ pages: 1, height: 0 })
  })

  it('grows with the room that is left free', () => {
    expect(sizeOfBtree({ ...unique(100_000, 8), fillfactor: 50 }).pages).toBeGreaterThan(
      sizeOfBtree(unique(100_000, 8)).pages * 1.7,
    )
  })
})

describe('the height of a btree whose length alone is known', () => {
  it.each([
    [2, 8, 0],
    [276, 8, 1],
    [5486, 8, 2],
    [75_000, 8, 2],
    [137_000, 8, 3],
    [500_000, 16, 3],
  ])('of %i pages with keys of %i bytes is %i', (pages, pivotBytes, height) => {
    expect(heightOfBtree({ pages, pivotBytes })).toBe(height)
  })
})

describe('the modelled size of a rewritten table', () => {
  it('follows the width of its rows', () => {
    const narrow = pagesOfHeap({ tuples: 1_000_000, rowBytes: 16, columns: 2 })
    expect(narrow).toBe(5406)
    expect(pagesOfHeap({ tuples: 1_000_000, rowBytes: 16, columns: 2, fillfactor: 50 })).toBeGreaterThan(narrow * 1.9)
    expect(pagesOfHeap({ tuples: 0, rowBytes: 16, columns: 2 })).toBe(0)
  })
})
