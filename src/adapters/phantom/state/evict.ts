/** Files may be edited behind a running server's back only while none of their pages is in its memory. */
import { Problem } from '../../../base/problem.ts'
import { withConnection } from '../connection.ts'

/** pg_buffercache lives in a database of its own, so that copies of the base do not show it. */
const TOOLS_DATABASE = 'premortem_tools'
const MAX_ATTEMPTS = 20
const PAUSE_SECONDS = 0.05

/** Makes pg_buffercache available. */
export async function prepareEviction(
  connectionString: (database?: string) => string,
  signal: AbortSignal,
): Promise<void> {
  await withConnection({ connectionString: connectionString(), signal }, ({ client }) =>
    client.query(`create database ${TOOLS_DATABASE}`),
  )
  await withConnection({ connectionString: connectionString(TOOLS_DATABASE), signal }, ({ client }) =>
    client.query('create extension pg_buffercache'),
  )
}

/**
 * Writes and forgets all pages of these databases, and proves that none is left. Nobody may be connected to them. Sessions
 * that come later read everything from the files.
 * @throws Problem `phantom-pages-in-use`
 */
export async function evictPages(
  server: { readonly connectionString: (database?: string) => string; readonly signal: AbortSignal },
  databases: readonly string[],
): Promise<void> {
  const { connectionString, signal } = server
  await withConnection({ connectionString: connectionString(TOOLS_DATABASE), signal }, async ({ client }) => {
    for (let attempt = 1; ; attempt += 1) {
      await client.query('checkpoint')
      await client.query('select pg_buffercache_evict_all()')
      const { rows } = await client.query<{ left: number }>(
        `select count(*)::int4 as left from pg_buffercache b join pg_database d on d.oid = b.reldatabase
         where d.datname = any ($1)`,
        [databases],
      )
      if (rows[0]?.left === 0) return
      if (attempt === MAX_ATTEMPTS)
        throw new Problem({
          code: 'phantom-pages-in-use',
          what: `${rows[0]?.left} pages of the phantom stayed in the server's memory after ${MAX_ATTEMPTS} attempts to write them.`,
          remedy: 'Run the check again; if it happens again, report it with the server log of the phantom.',
          retriable: true,
        })
      await client.query('select pg_sleep($1)', [PAUSE_SECONDS])
    }
  })
}
