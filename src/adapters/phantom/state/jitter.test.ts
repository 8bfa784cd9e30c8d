import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ColumnStatistics } from '../../../core/check/snapshot.ts'
import { elementsOf } from '../connection.ts'
import { jittered } from './jitter.ts'

const column = (change: Partial<ColumnStatistics> = {}): ColumnStatistics => ({
  column: 'status',
  inherited: false,
  nullFrac: 0.2,
  avgWidth: 8,
  nDistinct: 5000,
  correlation: 0.3,
  mostCommonVals: '{a,b}',
  mostCommonFreqs: [0.3, 0.01],
  histogramBounds: '{c,d,e,f,g,h}',
  mostCommonElems: null,
  mostCommonElemFreqs: null,
  elemCountHistogram: null,
  rangeLengthHistogram: null,
  rangeEmptyFrac: null,
  rangeBoundsHistogram: null,
  low: null,
  high: null,
  ...change,
})

describe('statistics as another ANALYZE might have found them', () => {
  it('are the same for the same seed, and others for another', () => {
    const [once, again] = [jittered(column(), { seed: 7, rows: 1e7 }), jittered(column(), { seed: 7, rows: 1e7 })]
    expect(once).toEqual(again)
    expect(jittered(column(), { seed: 8, rows: 1e7 })).not.toEqual(once)
  })

  it('stay as they are for a table that ANALYZE reads whole', () => {
    expect(jittered(column(), { seed: 7, rows: 20_000 })).toEqual(column())
  })

  it('keep what a sample cannot get wrong: that a column is unique, and the ends of the histogram', () => {
    const found = jittered(column({ nDistinct: -1 }), { seed: 3, rows: 1e9 })
    expect(found.nDistinct).toBe(-1)
    expect(elementsOf(found.histogramBounds).at(0)).toBe('c')
    expect(elementsOf(found.histogramBounds).at(-1)).toBe('h')
  })

  it('are within the sampling error, and always possible', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, nullFrac) => {
        const found = jittered(column({ nullFrac, mostCommonFreqs: [(1 - nullFrac) * 0.9, (1 - nullFrac) * 0.1] }), {
          seed,
          rows: 1e8,
        })
        const total = (found.mostCommonFreqs ?? []).reduce((sum, one) => sum + one, found.nullFrac)
        expect(total).toBeLessThanOrEqual(1 + 1e-9)
        // Eight standard errors of a share in 30,000 rows.
        expect(Math.abs(found.nullFrac - nullFrac)).toBeLessThan(8 * Math.sqrt(0.25 / 30_000))
      }),
    )
  })
})
