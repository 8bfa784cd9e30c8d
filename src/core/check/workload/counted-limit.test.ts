import { describe, expect, it } from 'vitest'
import { type CountedStatement, MAX_QUERIES, mergeStatements } from './counted.ts'

const ran = (at: number, totalMs: number | null): CountedStatement => ({
  text: `select a from t_${at} where b = $1`,
  role: 'app',
  calls: 10,
  totalMs,
  rows: 10,
  minutes: 5,
})
const many = (count: number) => Array.from({ length: count }, (_, at) => ran(at, at + 1))

describe('a workload that is larger than a snapshot holds', () => {
  it('is kept whole up to 5,000 queries', () => {
    const { queries, remarks } = mergeStatements(many(5000))
    expect(MAX_QUERIES).toBe(5000)
    expect(queries).toHaveLength(5000)
    expect(remarks).toEqual([])
  })

  it('keeps the 5,000 that took the most time, and says how many it left out', () => {
    const { queries, remarks } = mergeStatements(many(5003))
    const kept = new Set(queries.map(({ text }) => text))
    expect(kept.size).toBe(5000)
    expect(kept.has('select a from t_5002 where b = $1')).toBe(true)
    for (const cheap of [0, 1, 2]) expect(kept.has(`select a from t_${cheap} where b = $1`)).toBe(false)
    expect(remarks).toEqual(['the 5,000 costliest queries were kept; 3 more were left out'])
  })

  it('counts the same query once, however often it is told of', () => {
    const { queries, remarks } = mergeStatements([...many(5000), ...many(5000)])
    expect(queries).toHaveLength(5000)
    expect(queries[0]?.callsPerMinute).toBe(4)
    expect(remarks).toEqual([])
  })
})
