-- What the order-service asks.

-- name: PlaceOrder :one
WITH placed AS (
  INSERT INTO order_details (customer_id, sku, quantity, idempotency_key)
  VALUES ($2, $3, $4, $1)
  ON CONFLICT (idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
  RETURNING id, created_at
), queued AS (
  INSERT INTO payment_retry_queue (idempotency_key, order_id, customer_id, amount_cents, created_at, leased_until)
  SELECT $1, id, $2, $5, created_at, now() + $6 * interval '1 millisecond' FROM placed
)
SELECT id AS "orderId", created_at AS "requestedAt" FROM placed;

-- name: KnownOrder :one
SELECT order_id AS "orderId", payment_id AS "paymentId" FROM payment_retry_queue
WHERE idempotency_key = $1 AND customer_id = $2 AND amount_cents = $3;

-- name: ClaimPayments :many
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
  amount_cents AS "amountCents", created_at AS "requestedAt", attempts;

-- name: QueueState :one
SELECT count(*) FILTER (WHERE refused_at IS NULL) AS pending, count(refused_at) AS refused,
  coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE refused_at IS NULL)), 0)::float8 AS "oldestSeconds"
FROM payment_retry_queue WHERE payment_id IS NULL;

-- name: MarkPaid :exec
UPDATE payment_retry_queue SET payment_id = $2, attempts = attempts + 1, last_error = NULL WHERE idempotency_key = $1;

-- name: MarkDelayed :exec
UPDATE payment_retry_queue SET attempts = attempts + 1, last_error = $2, leased_until = '-infinity',
  next_attempt_at = now() + $3 * interval '1 millisecond'
WHERE idempotency_key = $1 AND payment_id IS NULL;

-- name: MarkRefused :exec
UPDATE payment_retry_queue SET attempts = attempts + 1, last_error = $2, refused_at = now()
WHERE idempotency_key = $1 AND payment_id IS NULL;
