import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ms } from '../../base/time.ts'
import { trafficShape } from './traffic-shape.ts'

const listRate = (shape: ReturnType<typeof trafficShape>) => (shape.rate * shape.listPercent) / 100

describe('the shape of the traffic', () => {
  it('asks for the list twice as often where each answer is half the work, or the cores are twice as many', () => {
    const full = listRate(trafficShape({ probe: ms(260), cores: 2 }))
    expect(listRate(trafficShape({ probe: ms(130), cores: 2 }))).toBeCloseTo(full * 2, 6)
    expect(listRate(trafficShape({ probe: ms(260), cores: 4 }))).toBeCloseTo(full * 2, 6)
  })

  it('never leaves its bounds, and never changes what customers do', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 256 }), (probe, cores) => {
        const shape = trafficShape({ probe: ms(probe), cores })
        expect(listRate(shape)).toBeGreaterThanOrEqual(0.999)
        expect(listRate(shape)).toBeLessThanOrEqual(80.001)
        expect(shape.rate - listRate(shape)).toBeCloseTo(53, 6)
      }),
    )
  })
})
