-- Everything that is pending, by age: the review screen filters and pages by itself.

-- name: ListPending :many
SELECT pt.id, pt.order_id AS "orderId", pt.amount_cents AS "amountCents", pt.created_at AS "createdAt",
       cd.name AS customer, od.sku
FROM payment_transactions pt
LEFT JOIN customer_data cd ON pt.customer_id = cd.id
LEFT JOIN order_details od ON pt.order_id = od.id
WHERE pt.status = 'pending'
ORDER BY pt.created_at DESC;
