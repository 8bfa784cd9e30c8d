import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Results kept; the oldest beyond it go, so that drills do not fill the disk over the months. */
export const MAX_KEPT_DRILLS = 20

/** Removes the oldest results, so that with the one about to begin at most MAX_KEPT_DRILLS are there. */
export async function forgetOldDrills(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  // Named by their start: the order of the names is the order of time.
  const drills = names.filter((name) => /^drill-\d{8}T\d{6}$/.test(name)).sort()
  for (const name of drills.slice(0, Math.max(0, drills.length - MAX_KEPT_DRILLS + 1))) {
    await rm(join(folder, name), { recursive: true, force: true })
  }
}
