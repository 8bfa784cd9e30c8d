import { describe, expect, it } from 'vitest'
import { requireRoom } from './preflight.ts'

const PLENTY = { disk: 500e9, memory: 500e9 }

describe('the room that a drill needs', () => {
  it('is enough for the default drill on a small machine', () => {
    expect(() => requireRoom({ disk: 5e9, memory: 4e9 }, 2_000_000, '/somewhere')).not.toThrow()
  })

  it.each([
    { what: 'disk', free: { ...PLENTY, disk: 10e9 } },
    { what: 'memory', free: { ...PLENTY, memory: 2e9 } },
  ])('is refused with both numbers when the $what is too small', ({ what, free }) => {
    expect(() => requireRoom(free, 50_000_000, '/somewhere')).toThrow(
      expect.objectContaining({
        code: `not-enough-${what}`,
        message: expect.stringMatching(new RegExp(`50,000,000 rows needs [\\d.]+ GB of ${what}; [\\d.]+ GB are free`)),
        remedy: expect.stringContaining('--rows'),
      }),
    )
  })
})
