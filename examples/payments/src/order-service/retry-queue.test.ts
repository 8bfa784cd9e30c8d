import { describe, expect, it } from 'vitest'
import { backoffMs } from './retry-queue.ts'

describe('the pause before the next attempt', () => {
  it('doubles from one second to ten, and stays there', () => {
    expect([0, 1, 2, 3, 4, 50].map((attempts) => backoffMs(attempts, 0))).toEqual([
      1_000, 2_000, 4_000, 8_000, 10_000, 10_000,
    ])
  })

  it('is shortened by up to a half, so that what failed together returns apart', () => {
    expect(backoffMs(4, 0.5)).toBe(7_500)
    expect(backoffMs(4, 0.999_999)).toBe(5_000)
  })
})
