import { describe, expect, it } from 'vitest'
import { estimateDuration } from '../duration.ts'
import { severityBySize } from './severity-by-size.ts'

const on = (rows: number, of: Partial<Parameters<typeof severityBySize>[0]>) => {
  const work = of.work ?? 'rewrite'
  const estimate = estimateDuration(work, { rows, tableBytes: rows * 200, indexBytes: rows * 40 })
  return severityBySize({
    level: 'warning',
    lock: 'AccessExclusive',
    work,
    estimate,
    rows,
    callsPerMinute: 1240,
    ...of,
  })
}

describe('the same statement', () => {
  it('is an error on 50 million rows and 1,240 calls a minute, and a note on 200 rows', () => {
    for (const work of ['rewrite', 'scan', 'index-build'] as const) {
      expect([on(50_000_000, { work }), on(200, { work })]).toEqual(['error', 'note'])
    }
  })

  it('is milder where nobody asks', () => {
    expect(on(50_000_000, { callsPerMinute: 0 })).toBe('warning')
    expect(on(1_000_000, { callsPerMinute: 0 })).toBe('note')
  })

  it('is not taken lightly where nobody counted', () => {
    expect(on(50_000_000, { callsPerMinute: null })).toBe('error')
  })

  it('never gets milder with more rows or more calls', () => {
    const rank = { note: 0, warning: 1, error: 2 }
    for (const work of ['instant', 'scan', 'rewrite', 'index-build'] as const) {
      for (const lock of ['AccessExclusive', 'Share', 'ShareUpdateExclusive'] as const) {
        const sizes = [10, 1000, 100_000, 10_000_000, 1_000_000_000]
        const calls = [0, 5, 100, 10_000]
        for (const callsPerMinute of calls) {
          const ranks = sizes.map((rows) => rank[on(rows, { work, lock, callsPerMinute })])
          expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
        }
        for (const rows of sizes) {
          const ranks = calls.map((callsPerMinute) => rank[on(rows, { work, lock, callsPerMinute })])
          expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
        }
      }
    }
  })
})

describe('a change of the catalog only', () => {
  it('keeps the level of its rule: it waits in front of everybody else on a table of any size', () => {
    expect(on(50_000_000, { work: 'instant', level: 'error' })).toBe('error')
    expect(on(50_000_000, { work: 'instant', level: 'note' })).toBe('note')
  })

  it('is a note on a small table that is hardly used', () => {
    expect(on(200, { work: 'instant', level: 'error', callsPerMinute: 5 })).toBe('note')
  })
})

describe('a lock that blocks only DDL', () => {
  it('is a note, or a warning where it is held for minutes', () => {
    expect(on(1_000_000, { lock: 'ShareUpdateExclusive', work: 'scan' })).toBe('note')
    expect(on(500_000_000, { lock: 'ShareUpdateExclusive', work: 'scan' })).toBe('warning')
  })
})
