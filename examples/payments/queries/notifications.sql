-- What the notification-service asks.

-- name: SendConfirmations :many
WITH taken AS (
  DELETE FROM notification_outbox WHERE id IN (
    SELECT id FROM notification_outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
  )
  RETURNING payment_id, kind, requested_at
)
INSERT INTO notifications (payment_id, kind, requested_at)
SELECT payment_id, kind, requested_at FROM taken
ON CONFLICT (payment_id, kind) DO NOTHING
RETURNING greatest(0, extract(epoch FROM sent_at - requested_at))::float8 AS seconds;

-- name: OutboxState :one
SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(requested_at)), 0)::float8 AS "oldestSeconds"
FROM notification_outbox;
