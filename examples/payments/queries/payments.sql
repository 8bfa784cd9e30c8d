-- What the payment-service asks, whatever its release; the list of pending payments is the release's own.

-- name: AcceptPayment :one
WITH accepted AS (
  INSERT INTO payment_transactions (idempotency_key, customer_id, order_id, amount_cents, release)
  VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (idempotency_key) DO NOTHING
  RETURNING id
), told AS (
  INSERT INTO notification_outbox (payment_id, kind, requested_at)
  SELECT id, 'payment_accepted', coalesce($6::timestamptz, now()) FROM accepted
)
SELECT id FROM accepted;

-- name: PaymentByKey :one
SELECT id, customer_id, order_id, amount_cents, status FROM payment_transactions WHERE idempotency_key = $1;

-- name: SettlePayment :one
WITH moved AS (
  UPDATE payment_transactions SET status = 'settled', updated_at = now()
  WHERE id = $1 AND status = 'pending'
  RETURNING id, amount_cents
), booked AS (
  INSERT INTO settlements (payment_id, amount_cents) SELECT id, amount_cents FROM moved
)
SELECT id FROM moved;

-- name: PaymentStatus :one
SELECT status FROM payment_transactions WHERE id = $1;
