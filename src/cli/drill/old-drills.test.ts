import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { forgetOldDrills, MAX_KEPT_DRILLS } from './old-drills.ts'

describe('results of old drills', () => {
  it('are removed from the oldest on, and nothing else is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'premortem-old-'))
    try {
      const drills = Array.from({ length: 25 }, (_, day) => `drill-202601${String(day + 1).padStart(2, '0')}T101500`)
      for (const name of [...drills, 'my-notes']) mkdirSync(join(folder, name, 'charts'), { recursive: true })
      await forgetOldDrills(folder)
      const kept = drills.slice(-(MAX_KEPT_DRILLS - 1))
      expect(readdirSync(folder).sort()).toEqual([...kept, 'my-notes'].sort())
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('need not be there', async () => {
    await expect(forgetOldDrills(join(tmpdir(), 'premortem-no-such-folder'))).resolves.toBeUndefined()
  })
})
