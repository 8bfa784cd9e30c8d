-- $ROWS rows of measurements, and of the others in proportion. No randomness: hashes of the row's number.
SET session_replication_role = replica;
CREATE FUNCTION pg_temp.u(i bigint, salt int) RETURNS double precision LANGUAGE sql IMMUTABLE AS
  $$ SELECT ((hashint8extended(i, salt) & 4294967295) + 0.5) / 4294967296.0 $$;
INSERT INTO countries SELECT chr(65 + i / 5) || chr(65 + i % 5), 'Country ' || i FROM generate_series(0, 24) i;
INSERT INTO accounts SELECT i, 'User' || i || '@' || (ARRAY['example.com','example.org','mail.test','corp' || i % 400 || '.test'])[1 + floor(4 * power(pg_temp.u(i, 1), 2))::int],
  c.code, c.code || '-' || floor(12 * power(pg_temp.u(i, 3), 3)), CASE WHEN pg_temp.u(i, 4) < 0.002 THEN 'locked' WHEN pg_temp.u(i, 4) < 0.03 THEN 'closed' ELSE 'active' END,
  round((exp(4 + 2 * sqrt(-2 * ln(pg_temp.u(i, 5))) * cos(2 * pi() * pg_temp.u(i, 6))))::numeric, 2),
  CASE WHEN pg_temp.u(i, 7) < 0.08 THEN 1 + floor(500 * power(pg_temp.u(i, 8), 3))::bigint END,
  CASE WHEN pg_temp.u(i, 9) < 0.001 THEN '2024-01-01'::timestamptz + i * interval '1 minute' END,
  '2019-01-01'::timestamptz + i * interval '14 minutes'
FROM generate_series(1, $ROWS / 5) i, LATERAL (SELECT chr(65 + n / 5) || chr(65 + n % 5) AS code FROM (SELECT floor(25 * power(pg_temp.u(i, 2), 3))::int AS n) x) c;
INSERT INTO events SELECT i, 1 + floor($ROWS / 5 * power(pg_temp.u(i, 11), 3))::bigint,
  CASE WHEN pg_temp.u(i, 12) < 0.004 THEN 'error' WHEN pg_temp.u(i, 12) < 0.3 THEN 'click' WHEN pg_temp.u(i, 12) < 0.32 THEN 'login' ELSE 'view' END,
  jsonb_build_object('page', '/p/' || floor(3000 * power(pg_temp.u(i, 13), 2)), 'ms', floor(500 * pg_temp.u(i, 14)), 'beta', pg_temp.u(i, 15) < 0.01),
  CASE WHEN pg_temp.u(i, 16) < 0.03 THEN pg_temp.u(i, 17) * 100 END,
  '2024-01-01 00:00+00'::timestamptz + interval '200 days' * power(i / ($ROWS * 1.0), 0.8)
FROM generate_series(1, $ROWS) i;
INSERT INTO sales SELECT i, (ARRAY['eu-west','eu-west','eu-west','eu-north','us','us','ap','sa','af','oc'])[1 + floor(10 * pg_temp.u(i, 21))::int],
  1 + floor($ROWS / 5 * power(pg_temp.u(i, 22), 2))::bigint, 1 + floor(2000 * power(pg_temp.u(i, 23), 4))::int,
  round((5 + 400 * power(pg_temp.u(i, 24), 3))::numeric, 2), '2022-01-01'::date + floor(900.0 * i / ($ROWS / 2))::int
FROM generate_series(1, $ROWS / 2) i;
INSERT INTO documents (id, account_id, slug, title, body, tags, published_at)
SELECT i, 1 + floor($ROWS / 5 * pg_temp.u(i, 31))::bigint, 'doc-' || md5(i::text), 'Report ' || (ARRAY['alpha','beta','gamma','delta'])[1 + i % 4] || ' ' || i,
  (SELECT string_agg('w' || floor(5000 * power(pg_temp.u(i * 20 + k, 32), 3)), ' ') FROM generate_series(1, 12) k),
  ARRAY(SELECT DISTINCT 't' || floor(300 * power(pg_temp.u(i * 20 + k, 33), 4)) FROM generate_series(1, 3) k),
  CASE WHEN pg_temp.u(i, 34) < 0.6 THEN '2021-01-01'::timestamptz + i * interval '11 minutes' END
FROM generate_series(1, $ROWS / 8) i;
INSERT INTO bookings SELECT i, 1 + floor(800 * power(pg_temp.u(i, 41), 2))::int, 1 + floor($ROWS / 5 * pg_temp.u(i, 42))::bigint,
  tstzrange(s, s + interval '1 hour' * (1 + floor(72 * power(pg_temp.u(i, 44), 3)))),
  CASE WHEN pg_temp.u(i, 45) < 0.7 THEN int4range(floor(100 * pg_temp.u(i, 46))::int, 101 + floor(100 * pg_temp.u(i, 47))::int) END
FROM generate_series(1, $ROWS / 5) i, LATERAL (SELECT '2023-01-01'::timestamptz + interval '600 days' * pg_temp.u(i, 43) AS s) x;
INSERT INTO measurements (sensor, code, value, measured_at)
SELECT 1 + floor(500 * power(pg_temp.u(i, 51), 2))::int, 'c' || floor(20000 * pg_temp.u(i, 52)), CASE WHEN pg_temp.u(i, 53) < 0.4 THEN (pg_temp.u(i, 54) * 50)::real END,
  '2024-01-01'::timestamptz + i * interval '9 seconds' + interval '5 minutes' * pg_temp.u(i, 55)
FROM generate_series(1, $ROWS) i;
REFRESH MATERIALIZED VIEW account_totals;
