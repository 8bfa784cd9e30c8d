/** Orders and their payment requests in the database. Every change is one statement and so one transaction. */
import type { Query } from '../shared/database.ts'
import { HttpError } from '../shared/http.ts'

/** A payment that an order needs. Its key is the order's own, so asking twice cannot pay twice. */
export interface OpenPayment {
  readonly key: string
  readonly orderId: number
  readonly customerId: number
  readonly amountCents: number
  /** When the order was placed, ISO 8601. */
  readonly requestedAt: string
  /** How often it was tried before. */
  readonly attempts: number
}

export interface NewOrder {
  readonly key: string
  readonly customerId: number
  readonly sku: string
  readonly quantity: number
  readonly amountCents: number
}

interface OrderState {
  readonly orderId: number
  readonly paymentId: number | null
}

export interface QueueState {
  readonly pending: number
  readonly oldestSeconds: number
  readonly refused: number
}

const PLACE = `
  WITH placed AS (
    INSERT INTO order_details (customer_id, sku, quantity, idempotency_key)
    VALUES ($2, $3, $4, $1)
    ON CONFLICT (idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
    RETURNING id, created_at
  ), queued AS (
    INSERT INTO payment_retry_queue (idempotency_key, order_id, customer_id, amount_cents, created_at, leased_until)
    SELECT $1, id, $2, $5, created_at, now() + $6 * interval '1 millisecond' FROM placed
  )
  SELECT id AS "orderId", created_at AS "requestedAt" FROM placed`

const KNOWN = `
  SELECT order_id AS "orderId", payment_id AS "paymentId" FROM payment_retry_queue
  WHERE idempotency_key = $1 AND customer_id = $2 AND amount_cents = $3`

const CLAIM = `
  UPDATE payment_retry_queue SET leased_until = now() + $2 * interval '1 millisecond', attempted_at = now()
  WHERE idempotency_key IN (
    SELECT idempotency_key FROM payment_retry_queue
    WHERE payment_id IS NULL AND refused_at IS NULL AND leased_until < now()
      AND CASE WHEN $3::timestamptz IS NULL THEN next_attempt_at <= now() ELSE attempted_at < $3::timestamptz END
    ORDER BY next_attempt_at
    LIMIT $1
    FOR UPDATE SKIP LOCKED
  )
  RETURNING idempotency_key AS key, order_id AS "orderId", customer_id AS "customerId",
    amount_cents AS "amountCents", created_at AS "requestedAt", attempts`

const STATE = `
  SELECT count(*) FILTER (WHERE refused_at IS NULL) AS pending, count(refused_at) AS refused,
    coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE refused_at IS NULL)), 0)::float8 AS "oldestSeconds"
  FROM payment_retry_queue WHERE payment_id IS NULL`

const FOREIGN_KEY_VIOLATION = '23503'

/** The placed order's payment, leased to the caller for `leaseMs`; or the order that this key placed before. */
export type Placed =
  | { readonly kind: 'new'; readonly payment: OpenPayment }
  | { readonly kind: 'known'; readonly order: OrderState }

/**
 * Stores an order and its payment request together, once per key.
 * @throws HttpError 422 when the customer does not exist or the key belongs to another order.
 */
export async function placeOrder(query: Query, order: NewOrder, leaseMs: number): Promise<Placed> {
  const { key, customerId, sku, quantity, amountCents } = order
  const values = [key, customerId, sku, quantity, amountCents, leaseMs]
  const [placed] = await query<{ orderId: number; requestedAt: string }>(PLACE, values).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === FOREIGN_KEY_VIOLATION) {
      throw new HttpError(422, 'No such customer')
    }
    throw error
  })
  if (placed !== undefined) return { kind: 'new', payment: { key, customerId, amountCents, attempts: 0, ...placed } }
  const [known] = await query<OrderState>(KNOWN, [key, customerId, amountCents])
  if (known === undefined) throw new HttpError(422, 'The Idempotency-Key belongs to another order')
  return { kind: 'known', order: known }
}

interface Claim {
  /** At most so many. */
  readonly limit: number
  /** Nobody else gets them for so long, milliseconds. */
  readonly leaseMs: number
  /** Takes those not tried since, due or not; null takes those that are due. */
  readonly notTriedSince: Date | null
}

/** Takes open payment requests for an attempt, longest due first. */
export const claimPayments = (query: Query, claim: Claim): Promise<readonly OpenPayment[]> =>
  query<OpenPayment>(CLAIM, [claim.limit, claim.leaseMs, claim.notTriedSince])

/** The payment was taken. */
export async function markPaid(query: Query, key: string, paymentId: number): Promise<void> {
  await query(
    'UPDATE payment_retry_queue SET payment_id = $2, attempts = attempts + 1, last_error = NULL WHERE idempotency_key = $1',
    [key, paymentId],
  )
}

/** The payment could not be taken; it is tried again after `delayMs`. */
export async function markDelayed(query: Query, key: string, why: { reason: string; delayMs: number }): Promise<void> {
  await query(
    `UPDATE payment_retry_queue SET attempts = attempts + 1, last_error = $2, leased_until = '-infinity',
       next_attempt_at = now() + $3 * interval '1 millisecond'
     WHERE idempotency_key = $1 AND payment_id IS NULL`,
    [key, why.reason, why.delayMs],
  )
}

/** The payment-service will never take it. It stays in the table for a person to look at. */
export async function markRefused(query: Query, key: string, reason: string): Promise<void> {
  await query(
    `UPDATE payment_retry_queue SET attempts = attempts + 1, last_error = $2, refused_at = now()
     WHERE idempotency_key = $1 AND payment_id IS NULL`,
    [key, reason],
  )
}

/** What is still unpaid. */
export async function queueState(query: Query): Promise<QueueState> {
  const [state] = await query<QueueState>(STATE)
  return state ?? { pending: 0, oldestSeconds: 0, refused: 0 }
}
