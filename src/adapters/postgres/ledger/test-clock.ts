import type { Pool } from 'pg'
import type { EpochMs } from '../../../base/time.ts'

/**
 * Makes `premortem.now()` answer `at` in every session of this database, until it is set again; null gives the
 * machine's time back. For tests and simulation: the clock of JavaScript and of SQL are then moved as one.
 */
export async function setTestClock(pool: Pool, at: EpochMs | null): Promise<void> {
  if (at === null) {
    await pool.query('delete from premortem.test_clock')
    return
  }
  await pool.query(
    'insert into premortem.test_clock (now) values ($1) on conflict (only_row) do update set now = excluded.now',
    [new Date(at)],
  )
}
