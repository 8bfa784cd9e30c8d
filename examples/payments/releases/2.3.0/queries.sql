-- The newest 50: what fits on the back office's screen. Ids grow with time, so the primary key gives the order.

-- name: ListPending :many
SELECT pt.id, pt.order_id AS "orderId", pt.amount_cents AS "amountCents", pt.created_at AS "createdAt",
       cd.name AS customer, od.sku
FROM payment_transactions pt
LEFT JOIN customer_data cd ON pt.customer_id = cd.id
LEFT JOIN order_details od ON pt.order_id = od.id
WHERE pt.status = 'pending'
ORDER BY pt.id DESC
LIMIT 50;
