import { Kysely, Migrator, PostgresDialect, sql } from 'kysely'
import type { Pool } from 'pg'
import { Problem } from '../../../base/problem.ts'
import { LEDGER_MIGRATIONS } from './migrations/index.ts'
import { toProblem } from './problems.ts'

const LEDGER_SCHEMA = 'premortem'

/**
 * Creates schema `premortem`, or brings it up to this version. Safe to run from several processes at once, and again.
 * @throws Problem `ledger-schema-newer` when a newer version of premortem was here, `ledger-unavailable` when the
 * database cannot be reached, `ledger-migration-failed` when a step fails (it is rolled back).
 */
export async function migrateLedger(pool: Pool): Promise<void> {
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  try {
    await refuseNewerSchema(db)
    const { error, results } = await migratorOf(db).migrateToLatest()
    if (error !== undefined)
      throw migrationFailed(
        error,
        results?.find((result) => result.status === 'Error'),
      )
  } catch (error) {
    throw toProblem(error)
  }
}

const migratorOf = (db: Kysely<unknown>) =>
  new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...LEDGER_MIGRATIONS }) },
    migrationTableSchema: LEDGER_SCHEMA,
    migrationTableName: 'migrations',
    migrationLockTableName: 'migrations_lock',
  })

async function refuseNewerSchema(db: Kysely<unknown>): Promise<void> {
  const table = await sql<{ found: boolean }>`
    select to_regclass('premortem.migrations') is not null as found`.execute(db)
  if (!table.rows[0]?.found) return
  const done = await sql<{ name: string }>`select name from premortem.migrations order by name`.execute(db)
  const unknown = done.rows.find(({ name }) => !(name in LEDGER_MIGRATIONS))
  if (unknown === undefined) return
  throw new Problem({
    code: 'ledger-schema-newer',
    what: `the ledger has the schema of a newer premortem: step ${unknown.name} is not known here`,
    remedy: 'Run the newer version of premortem, or point this one at another database.',
  })
}

function migrationFailed(cause: unknown, step: { readonly migrationName: string } | undefined): unknown {
  const told = toProblem(cause)
  if (told instanceof Problem) return told
  return new Problem({
    code: 'ledger-migration-failed',
    what: `step ${step?.migrationName ?? 'unknown'} of the ledger's schema failed: ${told.message}`,
    remedy: 'Nothing was changed. Check that the user may create schemas and tables in this database, and try again.',
    cause,
  })
}
