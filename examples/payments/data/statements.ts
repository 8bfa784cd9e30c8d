/**
 * The rows, as SQL that PostgreSQL runs over generate_series. No randomness: every value is a hash of the row's number
 * and the seed, so the same seed, size and `until` give the same rows, in whatever pieces they are loaded.
 */

/** Payments per order and orders' payments per customer, on average: rows of one table for one of the next. */
export const PAYMENTS_PER_ORDER = 2
export const PAYMENTS_PER_CUSTOMER = 10

/** Uniform in (0, 1) for the row `$1…` numbers: `salt` tells the columns apart, `$4` is the seed. */
const uniform = (row: string, salt: number): string =>
  `(((hashint8extended(${row}, $4::bigint * 16 + ${salt}) & 4294967295) + 0.5::float8) / 4294967296::float8)`

/** Who orders: a power law with exponent 0.6, so a few customers order hundreds of times what most do. */
const customerOf = (order: string): string => `1 + floor($5::bigint * power(${uniform(order, 1)}, 2.5))::bigint`

/** When payment number `row` of `$3` was made: 18 months up to `$6`, denser towards the end, rising with the number. */
const timeOf = (row: string): string =>
  `$6::timestamptz - interval '1 second' * (47304000 * power(1 - ${row} / ($3::bigint + 1.0::float8), 1.6))`

/** Parameters that every statement takes: first row, last row, payments in all, seed, customers in all, newest time. */
export type Parameters = readonly [
  from: number,
  to: number,
  payments: number,
  seed: number,
  customers: number,
  until: string,
]

/** PostgreSQL wants to see every parameter in a statement once; this uses them and changes nothing. */
const USE_ALL = '($3::bigint, $4::bigint, $5::bigint, $6::timestamptz) IS NOT NULL'

export const INSERT_CUSTOMERS = `
  INSERT INTO customer_data (id, name, email, region, created_at)
  SELECT i,
    (ARRAY['Ada','Ben','Chloe','Deniz','Elif','Femi','Grace','Hugo','Ines','Jonas','Kaya','Lena'])[1 + i % 12]
      || ' ' || (ARRAY['Adler','Baker','Costa','Dubois','Evans','Fischer','Garcia','Horvat','Ito','Jensen','Kaur'])[1 + i % 11],
    'customer' || i || '@example.com',
    (ARRAY['eu-west','eu-west','eu-west','eu-north','us-east','us-east','us-west','ap-south'])[1 + floor(8 * ${uniform('i', 2)})::int],
    $6::timestamptz - interval '2 years'
  FROM generate_series($1::bigint, $2::bigint) AS i
  WHERE ${USE_ALL}`

export const INSERT_ORDERS = `
  INSERT INTO order_details (id, customer_id, sku, quantity, created_at)
  SELECT i, ${customerOf('i')},
    'SKU-' || lpad(floor(5000 * power(${uniform('i', 3)}, 2))::text, 4, '0'),
    1 + floor(4 * power(${uniform('i', 4)}, 3))::int,
    ${timeOf(`(i * ${PAYMENTS_PER_ORDER} - 1)`)} - interval '20 seconds'
  FROM generate_series($1::bigint, $2::bigint) AS i
  WHERE ${USE_ALL}`

/**
 * 0.5 % are pending: 8 % of the newest twentieth, one in a thousand of the older ones. 4 % failed, 3 % were refunded.
 * Amounts are log-normal around 40.00 (Box-Muller). OFFSET 0 keeps PostgreSQL from computing the derived values anew for
 * each use.
 */
export const INSERT_PAYMENTS = `
  INSERT INTO payment_transactions (id, idempotency_key, customer_id, order_id, status, amount_cents, method, release,
    created_at, updated_at)
  SELECT i, md5($4::bigint || ':' || i)::uuid, ${customerOf('o')}, o,
    CASE WHEN u < CASE WHEN i > $3::bigint * 0.95 THEN 0.08 ELSE 0.00105 END THEN 'pending'
      WHEN u > 0.96 THEN 'failed' WHEN u > 0.93 THEN 'refunded' ELSE 'settled' END,
    greatest(100, round(exp(8.3 + 0.9 * sqrt(-2 * ln(${uniform('i', 6)})) * cos(2 * pi() * ${uniform('i', 7)}))))::bigint,
    CASE WHEN u > 0.5 THEN 'card' ELSE 'transfer' END,
    '2.3.0', t, t
  FROM generate_series($1::bigint, $2::bigint) AS i,
    LATERAL (SELECT (i + ${PAYMENTS_PER_ORDER - 1}) / ${PAYMENTS_PER_ORDER} AS o, ${uniform('i', 5)} AS u, ${timeOf('i')} AS t OFFSET 0) AS derived
  WHERE ${USE_ALL}`

/** The settlements of the last 30 days; older ones are in the archive. */
export const INSERT_SETTLEMENTS = `
  INSERT INTO settlements (payment_id, amount_cents, settled_at)
  SELECT id, amount_cents, created_at + interval '3 minutes' FROM payment_transactions
  WHERE id BETWEEN $1::bigint AND $2::bigint AND status = 'settled'
    AND created_at > $6::timestamptz - interval '30 days' AND ${USE_ALL}`
