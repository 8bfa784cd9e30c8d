import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bytesUnder, needs, requireRoom } from './preflight.ts'

const PLENTY = { disk: 500e9, memory: 500e9 }

describe('the room that a drill needs', () => {
  it('is enough for the default drill on a small machine', () => {
    expect(() => requireRoom({ disk: 5e9, memory: 4e9 }, 2_000_000, '/somewhere')).not.toThrow()
  })

  it.each([
    { what: 'disk', free: { ...PLENTY, disk: 10e9 }, there: 'free or its own already' },
    { what: 'memory', free: { ...PLENTY, memory: 2e9 }, there: 'free' },
  ])('is refused with both numbers when the $what is too small', ({ what, free, there }) => {
    expect(() => requireRoom(free, 50_000_000, '/somewhere')).toThrow(
      expect.objectContaining({
        code: `not-enough-${what}`,
        message: expect.stringMatching(
          new RegExp(`50,000,000 rows needs [\\d.]+ GB of ${what}; [\\d.]+ GB are ${there}`),
        ),
        remedy: expect.stringContaining('--rows'),
      }),
    )
  })

  it('is what the README asks for, with 1 GB of packages beside it', () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
    const asked = /About (\d+) GB of disk for the default drill \(1 GB of packages/.exec(readme)?.[1]
    expect(Number(asked)).toBe(Math.ceil(needs(2_000_000).disk / 1e9 + 1))
  })

  it('counts what the folder of the servers holds already, since it is used again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'premortem-room-'))
    try {
      mkdirSync(join(folder, 'production-18', 'data'), { recursive: true })
      writeFileSync(join(folder, 'production-18', 'data', 'rows'), Buffer.alloc(1_000_000, 1))
      writeFileSync(join(folder, 'log'), Buffer.alloc(1000, 1))
      const bytes = await bytesUnder(folder)
      expect(bytes).toBeGreaterThanOrEqual(1_001_000)
      expect(bytes).toBeLessThan(1_100_000)
      expect(await bytesUnder(join(folder, 'nothing'))).toBe(0)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
