-- Brings back the index that 0005 dropped, without holding up writes. Somebody may have built one already.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_payment_transactions_created_at
  ON payment_transactions (created_at)
  WHERE status = 'pending';
