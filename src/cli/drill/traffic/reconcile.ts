/** Holds PostgreSQL to the client's book: one read of the payments that the traffic asked for. */
import { connect, disconnect } from '../../../adapters/postgres/watched/client.ts'
import type { EpochMs } from '../../../base/time.ts'
import { type PaymentRow, type Reconciliation, reconcile } from '../../../core/rehearse/reconcile.ts'
import type { Book } from './book.ts'

/** Thousands of keys, each found by index: seconds at the most, also on a busy machine. */
const STATEMENT_TIMEOUT_MS = 30_000
/** Keys in one statement. */
const KEYS_A_STATEMENT = 10_000

/**
 * By key: what clients asked for. By order: what was made for their orders besides, from the act's start on, since the
 * data set's orders had payments before.
 */
const PAYMENTS = `
  WITH wanted AS (
    SELECT id FROM payment_transactions WHERE idempotency_key = ANY ($1::uuid[])
    UNION
    SELECT id FROM payment_transactions WHERE order_id = ANY ($2::bigint[]) AND created_at >= to_timestamp($3 / 1000.0)
  )
  SELECT p.id::text AS id, p.idempotency_key::text AS key, p.order_id::text AS "orderId", p.status,
    (SELECT count(*) FROM settlements s WHERE s.payment_id = p.id)::int AS settlements
  FROM wanted JOIN payment_transactions p USING (id)
  ORDER BY p.id`

const QUEUED = `
  SELECT count(*)::int AS queued FROM payment_retry_queue WHERE payment_id IS NULL AND refused_at IS NULL`

/** Which book against which database. */
export interface ReconcileOptions {
  readonly databaseUrl: string
  readonly book: Pick<Book, 'told'>
  /** When the act's traffic began. */
  readonly since: EpochMs
}

/**
 * Call it when the book is closed. A delayed payment that is not there is open while anything waits in the order
 * service's retry queue, and lost when nothing does.
 * @throws what `pg` throws when the database cannot be reached or read within its time-outs.
 */
export async function reconcileBook(options: ReconcileOptions): Promise<Reconciliation> {
  const told = options.book.told()
  const rows = new Map<string, PaymentRow>()
  const client = await connect({
    connectionString: options.databaseUrl,
    applicationName: 'premortem-reconciliation',
    settings: { statement_timeout: String(STATEMENT_TIMEOUT_MS) },
  })
  try {
    for (let from = 0; from < told.length; from += KEYS_A_STATEMENT) {
      const part = told.slice(from, from + KEYS_A_STATEMENT)
      const keys = part.map(({ key }) => key)
      const orders = part.flatMap(({ orderId }) => (orderId === null ? [] : [orderId]))
      const result = await client.query<PaymentRow>(PAYMENTS, [keys, orders, options.since])
      for (const row of result.rows) rows.set(row.id, row)
    }
    const queue = await client.query<{ queued: number }>(QUEUED)
    return reconcile({ told, rows: [...rows.values()], queueEmpty: queue.rows[0]?.queued === 0 })
  } finally {
    await disconnect(client)
  }
}
