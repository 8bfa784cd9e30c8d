import { describe, expect, it } from 'vitest'
import { epochMs, seconds } from '../../base/time.ts'
import { type Curve, trailingMean } from './curves.ts'

const curve = (...values: readonly number[]): Curve => ({
  service: null,
  release: null,
  metric: 'm',
  samples: values.map((value, second) => ({ at: epochMs(second * 1000), value })),
})
const values = (of: Curve | null) => of?.samples.map((sample) => sample.value)

describe('the mean of the last seconds', () => {
  it('reaches back only so far, and to the beginning where there is less', () => {
    expect(values(trailingMean(curve(6, 0, 0, 3), null, seconds(3)))).toEqual([6, 3, 2, 1])
  })

  it('gives a second with many requests more weight than one with few', () => {
    expect(values(trailingMean(curve(0, 160), curve(9, 1), seconds(5)))).toEqual([0, 16])
  })

  it('leaves a sample alone whose seconds have no weight, and nothing is made of nothing', () => {
    expect(values(trailingMean(curve(4), curve(0), seconds(5)))).toEqual([4])
    expect(trailingMean(null, null, seconds(5))).toBeNull()
  })
})
