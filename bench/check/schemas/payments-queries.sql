-- name: PaymentById
SELECT * FROM payment_transactions WHERE id = $1;
-- name: PaymentsOfCustomer
SELECT * FROM payment_transactions WHERE customer_id = $1 ORDER BY created_at DESC LIMIT 20;
-- name: PaymentsOfOrder
SELECT * FROM payment_transactions WHERE order_id = $1;
-- name: PendingOldest
SELECT * FROM payment_transactions WHERE status = 'pending' ORDER BY created_at LIMIT 100;
-- name: PendingSince
SELECT count(*) FROM payment_transactions WHERE status = 'pending' AND created_at > $1;
-- name: PendingJoined
SELECT pt.*, cd.name, od.sku FROM payment_transactions pt LEFT JOIN customer_data cd ON pt.customer_id = cd.id LEFT JOIN order_details od ON pt.order_id = od.id WHERE pt.status = $1 ORDER BY pt.created_at DESC;
-- name: ByStatus
SELECT status, count(*), sum(amount_cents) FROM payment_transactions GROUP BY status;
-- name: StatusParameter
SELECT count(*) FROM payment_transactions WHERE status = $1;
-- name: FailedRecently
SELECT * FROM payment_transactions WHERE status = 'failed' AND id > 1990000;
-- name: RevenueByRegion
SELECT region, sum(amount_cents) FROM payment_transactions p JOIN customer_data c ON c.id = p.customer_id WHERE p.created_at BETWEEN $1 AND $2 GROUP BY region;
-- name: OrdersOfSku
SELECT o.sku, count(*) FROM order_details o JOIN payment_transactions p ON p.order_id = o.id WHERE o.sku = $1 GROUP BY o.sku;
-- name: OrdersOfCustomer
SELECT * FROM order_details WHERE customer_id = $1 ORDER BY id DESC LIMIT 10;
-- name: OrderByKey
SELECT * FROM order_details WHERE idempotency_key = $1;
-- name: LatestPayments
SELECT * FROM payment_transactions ORDER BY id DESC LIMIT 50;
-- name: MaxId
SELECT max(id), min(id) FROM payment_transactions;
-- name: MaxCreated
SELECT max(created_at) FROM payment_transactions;
-- name: LastDay
SELECT count(*) FROM payment_transactions WHERE created_at > '2024-03-14';
-- name: NearTheEnd
SELECT * FROM payment_transactions WHERE id > 1999000;
-- name: BeyondTheEnd
SELECT * FROM payment_transactions WHERE id > 2100000;
-- name: JoinByOrderOfKey
SELECT * FROM payment_transactions p JOIN customer_data c ON c.id = p.customer_id ORDER BY c.id LIMIT 10;
-- name: MergeAll
SELECT count(*) FROM payment_transactions p JOIN order_details o ON o.id = p.order_id;
-- name: SettledAmounts
SELECT sum(s.amount_cents) FROM settlements s JOIN payment_transactions p ON p.id = s.payment_id WHERE p.method = 'transfer';
-- name: Unsettled
SELECT p.id FROM payment_transactions p LEFT JOIN settlements s ON s.payment_id = p.id WHERE s.payment_id IS NULL AND p.status = 'settled' AND p.id > 1900000;
-- name: SettlementExists
SELECT p.id FROM payment_transactions p WHERE EXISTS (SELECT FROM settlements s WHERE s.payment_id = p.id) AND p.customer_id = $1;
-- name: CustomersInRegion
SELECT * FROM customer_data WHERE region = 'ap-south' LIMIT 20;
-- name: CustomerWithMost
SELECT customer_id, count(*) FROM payment_transactions GROUP BY customer_id ORDER BY 2 DESC LIMIT 10;
-- name: CustomersWithoutOrders
SELECT count(*) FROM customer_data c WHERE NOT EXISTS (SELECT FROM order_details o WHERE o.customer_id = c.id);
-- name: InList
SELECT * FROM payment_transactions WHERE id IN (1, 1000, 500000, 1999999);
-- name: AnyList
SELECT * FROM payment_transactions WHERE order_id = ANY ($1);
-- name: SubSelect
SELECT p.* FROM payment_transactions p WHERE p.order_id IN (SELECT id FROM order_details WHERE sku = $1);
-- name: AmountRange
SELECT count(*) FROM payment_transactions WHERE amount_cents BETWEEN $1 AND $2;
-- name: BigAmounts
SELECT * FROM payment_transactions WHERE amount_cents > 1000000 ORDER BY amount_cents DESC LIMIT 10;
-- name: RunningTotal
SELECT id, sum(amount_cents) OVER (ORDER BY id) FROM payment_transactions WHERE customer_id = $1;
-- name: Ranked
SELECT * FROM (SELECT id, rank() OVER (PARTITION BY customer_id ORDER BY amount_cents DESC) AS r FROM payment_transactions WHERE customer_id < 50) x WHERE r <= 3;
-- name: UpdateStatus
UPDATE payment_transactions SET status = 'failed', updated_at = now() WHERE status = 'pending' AND created_at < $1;
-- name: DeleteOutbox
DELETE FROM notification_outbox WHERE requested_at < $1;
-- name: UnionBoth
SELECT id FROM payment_transactions WHERE customer_id = $1 UNION SELECT id FROM order_details WHERE customer_id = $1;
-- name: SettlementsRange
SELECT count(*) FROM settlements WHERE payment_id BETWEEN 1999000 AND 2000000;
-- name: NotificationsOf
SELECT * FROM notifications WHERE payment_id = $1;
-- name: OrdersPaged
SELECT * FROM order_details ORDER BY id OFFSET 1000 LIMIT 20;
