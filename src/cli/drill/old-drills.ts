import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { forgetSamples } from '../../adapters/postgres/ledger/forget-samples.ts'
import { migrateLedger } from '../../adapters/postgres/ledger/migrate.ts'
import { createLedgerPool } from '../../adapters/postgres/ledger/pool.ts'

/** Results kept; the oldest beyond it go, so that drills do not fill the disk over the months. */
export const MAX_KEPT_DRILLS = 20

/** Removes the oldest results, so that with the one about to begin at most MAX_KEPT_DRILLS are there; gives the others. */
export async function forgetOldDrills(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [])
  // Named by their start: the order of the names is the order of time.
  const drills = names.filter((name) => /^drill-\d{8}T\d{6}$/.test(name)).sort()
  const old = drills.slice(0, Math.max(0, drills.length - MAX_KEPT_DRILLS + 1))
  for (const name of old) await rm(join(folder, name), { recursive: true, force: true })
  return drills.slice(old.length)
}

/** True for the environment of an act whose drill is not kept; never for one that is no drill's. */
export const isOldAct = (kept: readonly string[]) => (environment: string) => {
  const drill = /^(drill-\d{8}T\d{6})-(?:unguarded|guarded)$/.exec(environment)?.[1]
  return drill !== undefined && !kept.includes(drill)
}

/** Removes the curves of the drills that are not kept from the ledger's database; their events stay. */
export async function forgetOldCurves(ledgerUrl: string, kept: readonly string[]): Promise<void> {
  // A connection that is lost between two statements fails the next one, which tells.
  const pool = createLedgerPool({ connectionString: ledgerUrl, max: 1, onError: () => undefined })
  try {
    await migrateLedger(pool)
    await forgetSamples({ pool, isOld: isOldAct(kept) })
  } finally {
    await pool.end()
  }
}
