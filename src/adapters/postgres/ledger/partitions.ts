import { sql, type Transaction } from 'kysely'
import pg from 'pg'
import { type EpochMs, toIso } from '../../../base/time.ts'
import type { LedgerTables } from './schema.ts'

/** Sees to it that a month has its partition before events of it are inserted by `tx`. */
export type EnsureMonths = (tx: Transaction<LedgerTables>, times: readonly EpochMs[]) => Promise<void>

/**
 * A new month's partition is made in a transaction of its own: made in the transaction that appends, it would hold up
 * the first event of that month of all other services until that commits. It takes a connection outside the pool, once
 * a month, because all connections of the pool may be in transactions that wait for this.
 */
export function partitionKeeper(pool: pg.Pool): EnsureMonths {
  const known = new Set<string>()
  const make = async (at: string) => {
    const client = new pg.Client(pool.options)
    await client.connect()
    try {
      await client.query('select premortem.ensure_partition($1)', [at])
    } finally {
      await client.end()
    }
  }
  return async (tx, times) => {
    const months = new Map(times.map((at) => [toIso(at).slice(0, 'YYYY-MM'.length), toIso(at)]))
    for (const [month, at] of months) {
      if (known.has(month)) continue
      const found = await sql<{ found: boolean }>`select premortem.has_partition(${at}) as found`.execute(tx)
      if (!found.rows[0]?.found) await make(at)
      known.add(month)
    }
  }
}
