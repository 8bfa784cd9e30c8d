-- name: AccountById
SELECT * FROM accounts WHERE id = $1;
-- name: AccountByEmail
SELECT * FROM accounts WHERE lower(email) = $1;
-- name: AccountsOfDomain
SELECT id FROM accounts WHERE split_part(email, '@', 2) = $1 ORDER BY id LIMIT 20;
-- name: AccountsOfRareDomain
SELECT count(*) FROM accounts WHERE split_part(email, '@', 2) = 'corp7.test';
-- name: AccountsOfCommonDomain
SELECT count(*) FROM accounts WHERE split_part(email, '@', 2) = 'example.com';
-- name: CityStatusCovered
SELECT status, count(*) FROM accounts WHERE country = $1 AND city = $2 GROUP BY status;
-- name: BiggestCity
SELECT count(*) FROM accounts WHERE country = 'AA' AND city = 'AA-0' AND status = 'active';
-- name: Locked
SELECT id, email FROM accounts WHERE status = 'locked' ORDER BY created_at DESC LIMIT 50;
-- name: LockedSince
SELECT count(*) FROM accounts WHERE status = 'locked' AND created_at > $1;
-- name: Deleted
SELECT * FROM accounts WHERE deleted_at IS NOT NULL ORDER BY deleted_at LIMIT 10;
-- name: DeletedRange
SELECT id FROM accounts WHERE deleted_at BETWEEN $1 AND $2;
-- name: Referrals
SELECT r.id, count(*) FROM accounts r JOIN accounts a ON a.referrer_id = r.id GROUP BY r.id ORDER BY 2 DESC LIMIT 10;
-- name: ReferredBy
SELECT * FROM accounts WHERE referrer_id = $1;
-- name: NotReferred
SELECT count(*) FROM accounts WHERE referrer_id IS NULL;
-- name: RichAccounts
SELECT id FROM accounts WHERE balance > 100000 ORDER BY balance DESC LIMIT 5;
-- name: BalanceRange
SELECT count(*) FROM accounts WHERE balance BETWEEN $1 AND $2;
-- name: RichestFirst
SELECT id, balance FROM accounts ORDER BY balance DESC LIMIT 10;
-- name: MaxBalance
SELECT max(balance), min(balance) FROM accounts;
-- name: ActiveView
SELECT * FROM active_accounts WHERE country = $1 LIMIT 100;
-- name: CountriesJoin
SELECT c.name, count(*) FROM countries c JOIN accounts a ON a.country = c.code GROUP BY c.name ORDER BY 2 DESC;
-- name: AccountsIn
SELECT * FROM accounts WHERE id IN (1, 50, 1000, 99999, 180000);
-- name: AccountsAny
SELECT * FROM accounts WHERE id = ANY ($1);
-- name: AccountTail
SELECT * FROM accounts WHERE id > 199900;
-- name: AccountBeyondEnd
SELECT count(*) FROM accounts WHERE id > 500000;
-- name: EventsOfAccount
SELECT * FROM events WHERE account_id = $1 ORDER BY created_at DESC LIMIT 20;
-- name: EventsOfAccountInMonth
SELECT * FROM events WHERE account_id = $1 AND created_at >= '2024-03-01 00:00+00' AND created_at < '2024-04-01 00:00+00';
-- name: EventById
SELECT * FROM events WHERE id = $1;
-- name: EventsOfDay
SELECT kind, count(*) FROM events WHERE created_at >= '2024-02-10 00:00+00' AND created_at < '2024-02-11 00:00+00' GROUP BY kind;
-- name: EventsBetween
SELECT kind, count(*) FROM events WHERE created_at BETWEEN $1 AND $2 GROUP BY kind;
-- name: ErrorsOfDay
SELECT * FROM events WHERE kind = 'error' AND created_at >= '2024-05-10 00:00+00' ORDER BY created_at LIMIT 100;
-- name: ErrorCount
SELECT count(*) FROM events WHERE kind = 'error';
-- name: EventsOfKind
SELECT count(*) FROM events WHERE kind = $1 AND created_at > '2024-06-01 00:00+00';
-- name: PayloadContains
SELECT id FROM events WHERE payload @> '{"page": "/p/17"}';
-- name: PayloadContainsParameter
SELECT id FROM events WHERE payload @> $1 LIMIT 10;
-- name: PayloadBeta
SELECT count(*) FROM events_2024_03 WHERE payload @> '{"beta": true}';
-- name: PayloadField
SELECT count(*) FROM events WHERE payload ->> 'page' = '/p/1' AND created_at < '2024-01-15 00:00+00';
-- name: HighScores
SELECT id, score FROM events WHERE score > 99 ORDER BY score DESC LIMIT 10;
-- name: ScoreCount
SELECT count(score), avg(score) FROM events WHERE score IS NOT NULL;
-- name: LatestEvents
SELECT * FROM events ORDER BY created_at DESC LIMIT 10;
-- name: EventMax
SELECT max(created_at) FROM events;
-- name: EventsWithAccounts
SELECT e.id, a.email FROM events e JOIN accounts a ON a.id = e.account_id WHERE e.kind = 'error' AND a.country = 'BC';
-- name: LastEventPerAccount
SELECT a.id, (SELECT max(e.created_at) FROM events e WHERE e.account_id = a.id) FROM accounts a WHERE a.status = 'locked';
-- name: AccountsWithErrors
SELECT a.id FROM accounts a WHERE EXISTS (SELECT FROM events e WHERE e.account_id = a.id AND e.kind = 'error') AND a.country = 'EE';
-- name: AccountsWithoutEvents
SELECT count(*) FROM accounts a WHERE NOT EXISTS (SELECT FROM events e WHERE e.account_id = a.id);
-- name: EventWindow
SELECT id, row_number() OVER (PARTITION BY account_id ORDER BY created_at DESC) FROM events WHERE account_id BETWEEN 100 AND 120;
-- name: UpdateEvents
UPDATE events SET score = 1 WHERE account_id = $1 AND created_at > '2024-06-15 00:00+00';
-- name: DeleteOldEvents
DELETE FROM events WHERE created_at < '2024-01-02 00:00+00';
-- name: SalesOfProduct
SELECT sum(amount) FROM sales WHERE product = $1 AND sold_on BETWEEN '2023-01-01' AND '2023-03-31';
-- name: SalesOfProductCommon
SELECT sum(amount) FROM sales WHERE product = 1;
-- name: SalesInRegion
SELECT count(*) FROM sales WHERE region = 'us' AND product = 1999;
-- name: SalesRegionParameter
SELECT * FROM sales WHERE region = $1 AND id = $2;
-- name: SalesMonth
SELECT sum(amount) FROM sales WHERE date_trunc('month', sold_on::timestamp) = '2023-05-01';
-- name: SalesByMonth
SELECT date_trunc('month', sold_on::timestamp), region, sum(amount) FROM sales GROUP BY 1, 2 ORDER BY 1, 2;
-- name: SalesLastDays
SELECT count(*) FROM sales WHERE sold_on > '2024-06-10';
-- name: TopProducts
SELECT product, sum(amount) AS total FROM sales WHERE region IN ('eu-west', 'eu-north') GROUP BY product ORDER BY total DESC LIMIT 10;
-- name: SalesUnionEvents
SELECT account_id FROM sales WHERE product = 1500 UNION SELECT account_id FROM events WHERE kind = 'error' AND created_at > '2024-06-20 00:00+00';
-- name: SalesJoinAccounts
SELECT a.country, sum(s.amount) FROM sales s JOIN accounts a ON a.id = s.account_id WHERE s.product = 1234 GROUP BY a.country;
-- name: SalesOfAccount
SELECT * FROM sales WHERE account_id = $1 ORDER BY sold_on DESC LIMIT 10;
-- name: TotalsOfAccount
SELECT * FROM account_totals WHERE account_id = $1;
-- name: TotalsJoin
SELECT a.email, t.total FROM account_totals t JOIN accounts a ON a.id = t.account_id WHERE t.total > 5000;
-- name: DocumentBySlug
SELECT * FROM documents WHERE slug = $1;
-- name: DocumentsSlugPrefix
SELECT id FROM documents WHERE slug LIKE 'doc-ab%';
-- name: DocumentsTitlePart
SELECT id FROM documents WHERE title LIKE '%gamma 777%';
-- name: DocumentsTag
SELECT id FROM documents WHERE tags @> ARRAY['t250'];
-- name: DocumentsCommonTag
SELECT count(*) FROM documents WHERE tags @> ARRAY['t0'];
-- name: DocumentsTagsOverlap
SELECT id FROM documents WHERE tags && ARRAY['t17', 't99'] LIMIT 50;
-- name: DocumentsTagParameter
SELECT id FROM documents WHERE tags @> $1;
-- name: DocumentsWords
SELECT id FROM documents WHERE words @@ to_tsquery('simple', 'w4711 & w12');
-- name: DocumentsCommonWord
SELECT count(*) FROM documents WHERE words @@ to_tsquery('simple', 'w0');
-- name: DocumentsOfAccount
SELECT id, title FROM documents WHERE account_id = $1 ORDER BY published_at DESC NULLS LAST LIMIT 5;
-- name: Drafts
SELECT count(*) FROM documents WHERE published_at IS NULL;
-- name: RecentDocuments
SELECT d.id, a.email FROM documents d JOIN accounts a ON a.id = d.account_id WHERE d.published_at > '2024-08-01' ORDER BY d.published_at LIMIT 20;
-- name: BookingsAt
SELECT * FROM bookings WHERE during @> '2023-06-01 12:00+00'::timestamptz;
-- name: BookingsOverlap
SELECT count(*) FROM bookings WHERE during && tstzrange('2024-01-01 00:00+00', '2024-01-01 06:00+00') AND room = 17;
-- name: BookingsOverlapLong
SELECT count(*) FROM bookings WHERE during && tstzrange('2023-01-01 00:00+00', '2023-12-31 00:00+00');
-- name: BookingsParameter
SELECT * FROM bookings WHERE during && $1 AND room = $2;
-- name: BookingsOfAccount
SELECT * FROM bookings WHERE account_id = $1;
-- name: BookingsPrice
SELECT count(*) FROM bookings WHERE price_band @> 120;
-- name: BookingsRooms
SELECT room, count(*) FROM bookings GROUP BY room HAVING count(*) > 500;
-- name: MeasurementsHour
SELECT avg(value) FROM measurements WHERE measured_at BETWEEN '2024-02-01 00:00+00' AND '2024-02-01 01:00+00';
-- name: MeasurementsParameter
SELECT avg(value) FROM measurements WHERE measured_at BETWEEN $1 AND $2;
-- name: MeasurementsSensor
SELECT avg(value) FROM measurements WHERE sensor = $1;
-- name: MeasurementsSensorAndTime
SELECT * FROM measurements WHERE sensor = 400 AND measured_at > '2024-04-01 00:00+00';
-- name: MeasurementsCode
SELECT * FROM measurements WHERE code = $1;
-- name: MeasurementsValued
SELECT count(*) FROM measurements WHERE value > 49;
-- name: MeasurementsPerSensor
SELECT sensor, avg(value), count(*) FROM measurements GROUP BY sensor;
-- name: MeasurementsDistinct
SELECT count(DISTINCT code) FROM measurements WHERE sensor < 5;
-- name: Inbox
SELECT * FROM inbox WHERE account_id = $1 AND read_at IS NULL;
-- name: InboxJoin
SELECT i.id, a.email FROM inbox i JOIN accounts a ON a.id = i.account_id WHERE i.read_at IS NULL;
-- name: CloseAccounts
UPDATE accounts SET status = 'closed' WHERE deleted_at < '2024-02-01' AND status <> 'closed';
-- name: PurgeBookings
DELETE FROM bookings WHERE upper(during) < '2023-02-01 00:00+00';
-- name: MergeJoinEnds
SELECT count(*) FROM accounts a JOIN documents d ON d.id = a.id;
-- name: OrderedPage
SELECT * FROM accounts ORDER BY id OFFSET 5000 LIMIT 50;
-- name: WithRecent
WITH recent AS (SELECT account_id, count(*) AS n FROM events WHERE created_at > '2024-07-10 00:00+00' GROUP BY account_id)
SELECT a.email, r.n FROM recent r JOIN accounts a ON a.id = r.account_id WHERE r.n > 3 ORDER BY r.n DESC;
-- name: InsertSelect
INSERT INTO inbox (id, account_id) SELECT id, account_id FROM events WHERE kind = 'error' AND created_at > '2024-07-01 00:00+00';
