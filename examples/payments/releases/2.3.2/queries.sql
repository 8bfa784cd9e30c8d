-- The newest 50 are chosen from one table through its index; only those are joined.

-- name: ListPending :many
SELECT pt.id, pt.order_id AS "orderId", pt.amount_cents AS "amountCents", pt.created_at AS "createdAt",
       cd.name AS customer, od.sku
FROM (
  SELECT id, customer_id, order_id, amount_cents, created_at
  FROM payment_transactions
  WHERE status = 'pending'
  ORDER BY created_at DESC
  LIMIT 50
) pt
LEFT JOIN customer_data cd ON pt.customer_id = cd.id
LEFT JOIN order_details od ON pt.order_id = od.id
ORDER BY pt.created_at DESC;
