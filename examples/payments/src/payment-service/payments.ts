/** What the payment-service does to its tables. Every change is one statement and so one transaction. */
import type { Query } from '../shared/database.ts'
import { HttpError } from '../shared/http.ts'

interface PaymentRow {
  readonly id: number
  readonly customer_id: number
  readonly order_id: number
  readonly amount_cents: number
  readonly status: string
}

export interface PaymentRequest {
  readonly key: string
  readonly customerId: number
  readonly orderId: number
  readonly amountCents: number
  /** When the customer ordered, ISO 8601; null means now. */
  readonly requestedAt: string | null
  readonly release: string
}

const ACCEPT = `
  WITH accepted AS (
    INSERT INTO payment_transactions (idempotency_key, customer_id, order_id, amount_cents, release)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (idempotency_key) DO NOTHING
    RETURNING id
  ), told AS (
    INSERT INTO notification_outbox (payment_id, kind, requested_at)
    SELECT id, 'payment_accepted', coalesce($6::timestamptz, now()) FROM accepted
  )
  SELECT id FROM accepted`

const BY_KEY = `
  SELECT id, customer_id, order_id, amount_cents, status FROM payment_transactions WHERE idempotency_key = $1`

const SETTLE = `
  WITH moved AS (
    UPDATE payment_transactions SET status = 'settled', updated_at = now()
    WHERE id = $1 AND status = 'pending'
    RETURNING id, amount_cents
  ), booked AS (
    INSERT INTO settlements (payment_id, amount_cents) SELECT id, amount_cents FROM moved
  )
  SELECT id FROM moved`

const FOREIGN_KEY_VIOLATION = '23503'

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

/**
 * Takes a payment once per key.
 * @throws HttpError 422 when customer or order do not exist, or the key belongs to another payment.
 */
export async function acceptPayment(
  query: Query,
  payment: PaymentRequest,
): Promise<{ readonly paymentId: number; readonly created: boolean }> {
  const { key, customerId, orderId, amountCents } = payment
  const values = [key, customerId, orderId, amountCents, payment.release, payment.requestedAt]
  const inserted = await query<{ id: number }>(ACCEPT, values).catch((error: unknown) => {
    if (hasCode(error, FOREIGN_KEY_VIOLATION)) throw new HttpError(422, 'No such customer or order')
    throw error
  })
  if (inserted[0] !== undefined) return { paymentId: inserted[0].id, created: true }
  const known = await paymentByKey(query, key)
  if (known === null) throw new Error(`payment ${key} is neither new nor known`)
  if (known.customer_id !== customerId || known.order_id !== orderId || known.amount_cents !== amountCents) {
    throw new HttpError(422, 'The Idempotency-Key belongs to another payment')
  }
  return { paymentId: known.id, created: false }
}

/** The payment that was taken under this key, if any. */
export async function paymentByKey(query: Query, key: string): Promise<PaymentRow | null> {
  return (await query<PaymentRow>(BY_KEY, [key]))[0] ?? null
}

/**
 * Settles a pending payment. Only the call that moves it out of `pending` books a settlement, so there is one at most.
 * @throws HttpError 404 when there is no such payment, 409 when it failed or was refunded.
 */
export async function settlePayment(query: Query, id: number): Promise<void> {
  if ((await query(SETTLE, [id])).length === 1) return
  const [now] = await query<{ status: string }>('SELECT status FROM payment_transactions WHERE id = $1', [id])
  if (now === undefined) throw new HttpError(404, `No payment ${id}`)
  if (now.status !== 'settled') throw new HttpError(409, `Payment ${id} is ${now.status}`)
}
