import { describe, expect, it } from 'vitest'
import { estimateChange, estimateDuration } from './duration.ts'

const size = { rows: 9_000_000, tableBytes: 1e9, indexBytes: 2e8 }

describe('the duration of work at production’s size', () => {
  it.each([
    ['instant', 0, 50],
    ['scan', 2000, 10_000],
    ['rewrite', 10_000, 48_000],
    ['index-build', 12_000, 70_000],
  ] as const)('%s: from %i to %i ms', (work, lowMs, highMs) => {
    const estimate = estimateDuration(work, size)
    expect([Math.round(estimate.lowMs), Math.round(estimate.highMs)]).toEqual([lowMs, highMs])
  })

  it('is never promised to be shorter than a change of the catalog', () => {
    const none = { rows: 0, tableBytes: 0, indexBytes: 0 }
    for (const work of ['scan', 'rewrite', 'index-build'] as const) expect(estimateDuration(work, none).highMs).toBe(50)
  })

  it('of a change of rows grows with the rows and the indexes', () => {
    const few = estimateChange({ rows: 1e6, tableBytes: 1e9, indexes: 0 })
    expect([few.lowMs, few.highMs]).toEqual([12_000, 110_000])
    expect(estimateChange({ rows: 1e6, tableBytes: 1e9, indexes: 5 }).lowMs).toBeGreaterThan(few.lowMs)
    expect(few.basis).toBe(
      'reads 1.00 GB and changes about 1,000,000 rows with 0 indexes at 10,000 to 100,000 a second',
    )
  })
})
