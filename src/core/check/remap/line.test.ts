import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { epochMs } from '../../../base/time.ts'
import { movePoints } from './line.ts'
import { remapNumbers } from './numbers.ts'
import { remapTimes } from './times.ts'

const points = fc.array(fc.bigInt(-(2n ** 62n), 2n ** 62n), { minLength: 1, maxLength: 60 })
const anchors = fc.array(fc.bigInt(-(2n ** 62n), 2n ** 62n), { maxLength: 5 })
const bound = 2n ** 63n

describe('moved points', () => {
  it('keep their order, differ where they differed, and stay within bounds; anchors stay', () => {
    fc.assert(
      fc.property(points, anchors, (given, fixed) => {
        const moved = movePoints(given, { bits: 4, anchors: [0n, ...fixed], lowest: -bound, highest: bound - 1n })
        for (const anchor of fixed) expect(moved.get(anchor)).toBe(anchor)
        const sorted = [...new Set(given)].sort((a, b) => (a < b ? -1 : 1))
        sorted.forEach((point, at) => {
          const [place, before] = [moved.get(point) ?? 0n, moved.get(sorted[at - 1] ?? -bound) ?? -bound - 1n]
          expect(place > before).toBe(true)
          expect(place >= -bound && place < bound).toBe(true)
          expect(place > 0n).toBe(point > 0n)
        })
      }),
    )
  })

  it('keep distances between neighbours to within 7 %', () => {
    const moved = movePoints([1_000_003n, 2_000_017n, 3_500_021n], {
      bits: 4,
      anchors: [0n],
      lowest: null,
      highest: null,
    })
    const [a = 0n, b = 0n, c = 0n] = [...moved.values()].slice(1)
    expect(Number(b - a) / 1_000_014).toBeCloseTo(1, 1)
    expect(Number(c - b) / 1_500_004).toBeCloseTo(1, 1)
  })
})

describe('numbers', () => {
  const options = { type: 'numeric', limit: null, literals: [] }

  it('that are large become others, and small ones without gaps stay', () => {
    const moved = remapNumbers(['0', '1', '2', '3', '982451653'], options)
    expect([...(moved?.values() ?? [])].slice(0, 4)).toEqual(['0', '1', '2', '3'])
    expect(moved?.get('982451653')).not.toBe('982451653')
  })

  it('that are special stay, and what is no number is refused', () => {
    expect(remapNumbers(['NaN', 'Infinity', '1e20'], options)?.get('NaN')).toBe('NaN')
    expect(remapNumbers(['one'], options)).toBeNull()
  })

  it('that stand in the code stay, and others stay on their side of them', () => {
    const moved = remapNumbers(['998', '1000', '1001'], { ...options, literals: ['1000'] })
    expect(moved?.get('1000')).toBe('1000')
    expect(Number(moved?.get('998'))).toBeLessThan(1000)
    expect(Number(moved?.get('1001'))).toBeGreaterThan(1000)
  })
})

describe('times', () => {
  it('keep roughly how long ago they were, and their order', () => {
    const now = epochMs(Date.UTC(2026, 10, 20, 12))
    const ago = (hours: number) => new Date(now - hours * 3_600_000).toISOString().replace('T', ' ').replace('Z', '+00')
    const hours = [0.5, 1.7, 26.3, 500.1, 9000.9, 300_000.7]
    const moved = remapTimes(hours.map(ago), { type: 'timestamptz', now, literals: [] })
    const places = hours.map((one) => (now - Date.parse(moved?.get(ago(one)) ?? '')) / 3_600_000)
    for (const [at, place] of places.entries()) expect(Math.abs(place / (hours[at] ?? 1) - 1)).toBeLessThan(0.1)
    expect([...places].sort((a, b) => a - b)).toEqual(places)
  })
})
