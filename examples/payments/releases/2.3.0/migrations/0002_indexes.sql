-- A key names one order and one payment.
CREATE UNIQUE INDEX idx_order_details_idempotency_key ON order_details (idempotency_key)
  WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX idx_payment_transactions_idempotency_key ON payment_transactions (idempotency_key);

-- The other side of the foreign keys.
CREATE INDEX idx_order_details_customer_id ON order_details (customer_id);
CREATE INDEX idx_payment_transactions_customer_id ON payment_transactions (customer_id);
CREATE INDEX idx_payment_transactions_order_id ON payment_transactions (order_id);

-- The back office's work list, by age.
CREATE INDEX idx_payment_transactions_created_at ON payment_transactions (created_at)
  WHERE status = 'pending';

-- What the order-service still has to get paid.
CREATE INDEX idx_payment_retry_queue_open ON payment_retry_queue (next_attempt_at)
  WHERE payment_id IS NULL AND refused_at IS NULL;
