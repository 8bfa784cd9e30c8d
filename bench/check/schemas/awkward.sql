-- A schema with all that makes plans hard to foresee: partitions, odd indexes, skew, correlation, NULLs.
CREATE EXTENSION pg_trgm;

CREATE TABLE countries (code text PRIMARY KEY, name text NOT NULL);

CREATE TABLE accounts (
  id bigint PRIMARY KEY,
  email text NOT NULL,
  country text NOT NULL REFERENCES countries (code),
  city text NOT NULL,
  status text NOT NULL CHECK (status IN ('active', 'locked', 'closed')),
  balance numeric(14, 2) NOT NULL,
  referrer_id bigint,
  deleted_at timestamptz,
  created_at timestamptz NOT NULL,
  CHECK (created_at > '2000-01-01')
);
CREATE UNIQUE INDEX accounts_email ON accounts (lower(email));
CREATE INDEX accounts_country_city ON accounts (country, city) INCLUDE (status);
CREATE INDEX accounts_deleted ON accounts (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX accounts_locked ON accounts (created_at) WHERE status = 'locked';
CREATE INDEX accounts_referrer ON accounts (referrer_id);
CREATE INDEX accounts_domain ON accounts (split_part(email, '@', 2));
CREATE INDEX accounts_balance ON accounts (balance);

CREATE TABLE events (
  id bigint NOT NULL,
  account_id bigint NOT NULL,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  score double precision,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE TABLE events_2024_01 PARTITION OF events FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2024-02-01 00:00+00');
CREATE TABLE events_2024_02 PARTITION OF events FOR VALUES FROM ('2024-02-01 00:00+00') TO ('2024-03-01 00:00+00');
CREATE TABLE events_2024_03 PARTITION OF events FOR VALUES FROM ('2024-03-01 00:00+00') TO ('2024-04-01 00:00+00');
CREATE TABLE events_2024_04 PARTITION OF events FOR VALUES FROM ('2024-04-01 00:00+00') TO ('2024-05-01 00:00+00');
CREATE TABLE events_2024_05 PARTITION OF events FOR VALUES FROM ('2024-05-01 00:00+00') TO ('2024-06-01 00:00+00');
CREATE TABLE events_2024_06 PARTITION OF events FOR VALUES FROM ('2024-06-01 00:00+00') TO ('2024-07-01 00:00+00');
CREATE TABLE events_default PARTITION OF events DEFAULT;
CREATE INDEX events_account ON events (account_id, created_at DESC);
CREATE INDEX events_created ON events (created_at);
CREATE INDEX events_payload ON events USING gin (payload jsonb_path_ops);
CREATE INDEX events_errors ON events (created_at) WHERE kind = 'error';
CREATE INDEX events_score ON events (score) WHERE score IS NOT NULL;

CREATE TABLE sales (
  id bigint NOT NULL,
  region text NOT NULL,
  account_id bigint NOT NULL,
  product int NOT NULL,
  amount numeric(12, 2) NOT NULL,
  sold_on date NOT NULL,
  PRIMARY KEY (region, id)
) PARTITION BY LIST (region);
CREATE TABLE sales_eu PARTITION OF sales FOR VALUES IN ('eu-west', 'eu-north');
CREATE TABLE sales_us PARTITION OF sales FOR VALUES IN ('us');
CREATE TABLE sales_rest PARTITION OF sales DEFAULT;
CREATE INDEX sales_product ON sales (product, sold_on) INCLUDE (amount);
CREATE INDEX sales_account ON sales (account_id);
CREATE INDEX sales_month ON sales (date_trunc('month', sold_on::timestamp));

CREATE TABLE documents (
  id bigint PRIMARY KEY,
  account_id bigint NOT NULL,
  slug text NOT NULL,
  title text NOT NULL,
  body text NOT NULL,
  tags text[] NOT NULL,
  words tsvector GENERATED ALWAYS AS (to_tsvector('simple', title || ' ' || body)) STORED,
  published_at timestamptz
);
CREATE UNIQUE INDEX documents_slug ON documents (slug text_pattern_ops);
CREATE INDEX documents_tags ON documents USING gin (tags);
CREATE INDEX documents_words ON documents USING gin (words);
CREATE INDEX documents_title_trgm ON documents USING gin (title gin_trgm_ops);
CREATE INDEX documents_account ON documents (account_id, published_at DESC NULLS LAST);

CREATE TABLE bookings (
  id bigint PRIMARY KEY,
  room int NOT NULL,
  account_id bigint NOT NULL,
  during tstzrange NOT NULL,
  price_band int4range
);
CREATE INDEX bookings_during ON bookings USING gist (during);
CREATE INDEX bookings_room ON bookings (room);
CREATE INDEX bookings_account ON bookings USING hash (account_id);

CREATE TABLE measurements (
  id bigint GENERATED ALWAYS AS IDENTITY,
  sensor int NOT NULL,
  code text NOT NULL,
  value real,
  measured_at timestamptz NOT NULL
) WITH (fillfactor = 90);
CREATE INDEX measurements_at ON measurements USING brin (measured_at) WITH (pages_per_range = 32);
CREATE INDEX measurements_sensor ON measurements (sensor);
CREATE INDEX measurements_code ON measurements USING hash (code);

CREATE TABLE inbox (id bigint PRIMARY KEY, account_id bigint NOT NULL, read_at timestamptz, note text);
CREATE INDEX inbox_unread ON inbox (account_id) WHERE read_at IS NULL;

CREATE MATERIALIZED VIEW account_totals AS
  SELECT account_id, region, count(*) AS sales, sum(amount) AS total FROM sales GROUP BY account_id, region;
CREATE INDEX account_totals_account ON account_totals (account_id);
CREATE VIEW active_accounts AS SELECT id, email, country, city FROM accounts WHERE status = 'active' AND deleted_at IS NULL;
