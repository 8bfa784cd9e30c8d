/** Fills the payment database with as many rows as production has. */
import pg from 'pg'
import {
  INSERT_CUSTOMERS,
  INSERT_ORDERS,
  INSERT_PAYMENTS,
  INSERT_SETTLEMENTS,
  PAYMENTS_PER_CUSTOMER,
  PAYMENTS_PER_ORDER,
  type Parameters,
} from './statements.ts'

/** Rows of one INSERT: progress is reported, and an abort noticed, after each. */
const CHUNK_ROWS = 100_000
/** Fewest payments that keep the shape of the data. */
export const MIN_ROWS = 1_000
/** Most payments; beyond it times within a microsecond would no longer differ. */
export const MAX_ROWS = 100_000_000
const TABLES = ['customer_data', 'order_details', 'payment_transactions', 'settlements'] as const
/** Memory for sorting one index. */
const SORT_MEMORY = '256MB'

export interface GenerateOptions {
  /** A superuser's: foreign keys are not checked while loading, because the rows are right by construction. */
  readonly connectionString: string
  /** Payments, 1,000 to 100,000,000. Orders are half as many, customers a tenth. */
  readonly rows: number
  /** The same seed gives the same rows. Default 1. */
  readonly seed?: number
  /** The newest row's time. Default: the beginning of the current day, UTC. */
  readonly until?: Date
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal
}

export interface Progress {
  /** What is being done: `customers`, `orders`, `payments`, `settlements`, `indexes`, `statistics`. */
  readonly step: string
  /** 0 to 1, of everything. */
  readonly share: number
}

export interface Generated {
  readonly payments: number
  readonly orders: number
  readonly customers: number
  readonly pending: number
  /** Size of the database, bytes. */
  readonly bytes: number
}

/** The database is not one that can be filled. */
export class GenerateError extends Error {
  override readonly name = 'GenerateError'
}

interface Step {
  readonly name: string
  readonly sql: string
  readonly count: number
  /** Part of the whole time, of 1. */
  readonly share: number
}

async function checkEmpty(client: pg.Client): Promise<void> {
  for (const table of TABLES) {
    const found = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [table])
    if (found.rows[0]?.there !== true) throw new GenerateError(`no table ${table}; apply the migrations of 2.3.0 first`)
    const { rows } = await client.query<{ filled: boolean }>(`SELECT EXISTS (SELECT FROM ${table}) AS filled`)
    if (rows[0]?.filled === true) throw new GenerateError(`${table} has rows already; generate into an empty database`)
  }
}

/**
 * Drops the tables' plain indexes and gives their definitions. Building them once over all rows takes a third of the time
 * that keeping them up row by row does. Primary keys stay: rows come in their order.
 */
async function setIndexesAside(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
     WHERE indrelid = ANY ($1::text[]::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
     ORDER BY indexrelid`,
    [TABLES],
  )
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`)
  return rows.map((row) => row.definition)
}

async function moveSequences(client: pg.Client): Promise<void> {
  for (const table of TABLES.slice(0, 3)) {
    await client.query(`SELECT setval(pg_get_serial_sequence($1, 'id'), (SELECT max(id) FROM ${table}))`, [table])
  }
}

interface Load {
  readonly steps: readonly Step[]
  readonly parameters: (from: number, to: number) => Parameters
  readonly onProgress: (progress: Progress) => void
  readonly signal: AbortSignal | undefined
}

/** Everything or nothing: an abort leaves the database as it was. */
async function load(client: pg.Client, { steps, parameters, onProgress, signal }: Load): Promise<void> {
  await client.query(
    `BEGIN; SET LOCAL session_replication_role = replica; SET LOCAL maintenance_work_mem = '${SORT_MEMORY}'`,
  )
  await checkEmpty(client)
  const definitions = await setIndexesAside(client)
  let done = 0
  for (const step of steps) {
    for (let from = 1; from <= step.count; from += CHUNK_ROWS) {
      signal?.throwIfAborted()
      onProgress({ step: step.name, share: done + (step.share * (from - 1)) / step.count })
      await client.query(step.sql, [...parameters(from, Math.min(step.count, from + CHUNK_ROWS - 1))])
    }
    done += step.share
  }
  for (const [index, definition] of definitions.entries()) {
    signal?.throwIfAborted()
    onProgress({ step: 'indexes', share: done + ((0.95 - done) * index) / definitions.length })
    await client.query(definition)
  }
  await moveSequences(client)
  await client.query('COMMIT')
}

async function summary(client: pg.Client): Promise<Generated> {
  const { rows } = await client.query<Record<keyof Generated, string>>(
    `SELECT (SELECT count(*) FROM payment_transactions) AS payments, (SELECT count(*) FROM order_details) AS orders,
       (SELECT count(*) FROM customer_data) AS customers,
       (SELECT count(*) FROM payment_transactions WHERE status = 'pending') AS pending,
       pg_database_size(current_database()) AS bytes`,
  )
  const of = (name: keyof Generated) => Number(rows[0]?.[name] ?? 0)
  return {
    payments: of('payments'),
    orders: of('orders'),
    customers: of('customers'),
    pending: of('pending'),
    bytes: of('bytes'),
  }
}

/**
 * Fills the empty tables of release 2.3.0 and refreshes the planner's statistics. To be called when 2.3.0's migrations
 * have been applied, all of them or only 0001: indexes that exist are dropped and built again. Also tells PostgreSQL that
 * its disk is an SSD (random_page_cost 1.1 on the default tablespace), as the production database's is.
 *
 * @throws GenerateError when a table is missing or has rows already, or `rows` is out of range; the signal's reason when aborted.
 */
export async function generate(options: GenerateOptions): Promise<Generated> {
  const { rows, seed = 1, onProgress = () => {}, signal } = options
  if (!Number.isInteger(rows) || rows < MIN_ROWS || rows > MAX_ROWS) {
    throw new GenerateError(`rows must be a whole number from ${MIN_ROWS} to ${MAX_ROWS}, not ${rows}`)
  }
  const until = (options.until ?? new Date(Math.floor(Date.now() / 86_400_000) * 86_400_000)).toISOString()
  const customers = Math.ceil(rows / PAYMENTS_PER_CUSTOMER)
  const orders = Math.ceil(rows / PAYMENTS_PER_ORDER)
  const steps = [
    { name: 'customers', sql: INSERT_CUSTOMERS, count: customers, share: 0.02 },
    { name: 'orders', sql: INSERT_ORDERS, count: orders, share: 0.2 },
    { name: 'payments', sql: INSERT_PAYMENTS, count: rows, share: 0.5 },
    { name: 'settlements', sql: INSERT_SETTLEMENTS, count: rows, share: 0.03 },
  ]
  const client = new pg.Client({ connectionString: options.connectionString, application_name: 'generate' })
  // The query under way reports a lost connection; without a listener it would end the process as well.
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query('ALTER TABLESPACE pg_default SET (random_page_cost = 1.1)')
    await load(client, {
      steps,
      parameters: (from, to) => [from, to, rows, seed, customers, until],
      onProgress,
      signal,
    })
    onProgress({ step: 'statistics', share: 0.95 })
    await client.query('VACUUM (ANALYZE)')
    onProgress({ step: 'statistics', share: 1 })
    return await summary(client)
  } finally {
    await client.end()
  }
}
