-- Short requests all the time: a scan of the payments must not take several cores from them.
ALTER TABLE payment_transactions SET (parallel_workers = 0);

-- Queues live on few pages and change all the time.
ALTER TABLE notification_outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE payment_retry_queue SET (fillfactor = 80);
