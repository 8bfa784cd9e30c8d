import { Kysely, PostgresDialect } from 'kysely'
import type { Pool } from 'pg'
import { toProblem } from './problems.ts'
import type { LedgerTables } from './schema.ts'

/** What `forgetSamples` needs. The pool's user must be allowed to delete samples, which `premortem_writer` is not. */
export interface ForgetOptions {
  readonly pool: Pool
  readonly isOld: (environment: string) => boolean
}

/**
 * Removes the curves of old environments. Their events stay: the ledger is append-only.
 * @returns the environments whose curves are gone
 * @throws Problem `ledger-unavailable` when the database cannot be reached
 */
export async function forgetSamples({ pool, isOld }: ForgetOptions): Promise<readonly string[]> {
  const db = new Kysely<LedgerTables>({ dialect: new PostgresDialect({ pool }) })
  try {
    const known = await db.selectFrom('premortem.samples').select('environment').distinct().execute()
    const old = known.map(({ environment }) => environment).filter(isOld)
    // One at a time: each statement ends within its deadline, however many there are.
    for (const environment of old) {
      await db.deleteFrom('premortem.samples').where('environment', '=', environment).execute()
    }
    return old
  } catch (error) {
    throw toProblem(error)
  }
}
