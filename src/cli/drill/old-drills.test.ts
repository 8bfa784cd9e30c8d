import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { forgetOldDrills, isOldAct, MAX_KEPT_DRILLS } from './old-drills.ts'

describe('results of old drills', () => {
  it('are removed from the oldest on, and nothing else is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'premortem-old-'))
    try {
      const drills = Array.from({ length: 25 }, (_, day) => `drill-202601${String(day + 1).padStart(2, '0')}T101500`)
      for (const name of [...drills, 'my-notes']) mkdirSync(join(folder, name, 'charts'), { recursive: true })
      const kept = drills.slice(-(MAX_KEPT_DRILLS - 1))
      expect(await forgetOldDrills(folder)).toEqual(kept)
      expect(readdirSync(folder).sort()).toEqual([...kept, 'my-notes'].sort())
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('need not be there', async () => {
    await expect(forgetOldDrills(join(tmpdir(), 'premortem-no-such-folder'))).resolves.toEqual([])
  })

  it.each([
    { environment: 'drill-20260101T101500-unguarded', old: true },
    { environment: 'drill-20260102T101500-guarded', old: false },
    { environment: 'production', old: false },
    { environment: 'drill-of-our-own', old: false },
  ])('leave their curves behind: those of $environment go: $old', ({ environment, old }) => {
    expect(isOldAct(['drill-20260102T101500'])(environment)).toBe(old)
  })
})
