import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { takeSnapshot } from '../../src/adapters/postgres/snapshot/take.ts'
import { epochMs } from '../../src/base/time.ts'
import type { ValuesMode } from '../../src/core/check/snapshot.ts'
import { printSnapshot } from '../../src/core/check/snapshot-file.ts'
import { query, startPostgres, type TestPostgres } from '../adapters/fixtures/postgres.ts'

const NOW = epochMs(Date.UTC(2026, 10, 20, 12))

/** A column of each type, full of values that must not leave: common ones and ones that occur once. */
const PLANTED = `
  create extension citext; create extension hstore;
  create type mood as enum ('calm', 'cross');
  create domain mail as text check (value ~ '@');
  create type pair as (a text, b text);
  create table people (
    id bigint primary key, mail text, name varchar(60) collate "C", card bigint, price numeric(12, 2), ratio float8, born date,
    seen timestamptz, local timestamp, at time, token uuid, raw bytea, ip inet, net cidr, mac macaddr, doc jsonb, tags text[], numbers bigint[], code char(12),
    ci citext, dom mail, span tstzrange, ints int8range, feeling mood, ok boolean, search tsvector, kv hstore, duo pair, many jsonb[], status text, step int, phone text,
    dur interval, x xml, bits bit(48), cash money, spot point
  );
  insert into people select i, m || '@example.org', 'Planted Name ' || m, 4929000000000000 + m * 7919, 73000.37 + m, 0.123456789 + m * 1.37, date '1971-03-05' + m * 61,
    timestamptz '2019-07-13 03:17:41.123456Z' + m * interval '31 h 7 min 13 s', timestamp '2018-05-11 07:19:43.654321' + m * interval '29 h 3 min 11 s', time '03:17:41' + m * interval '7 min 3 s',
    md5('u' || m)::uuid, decode(md5('b' || m), 'hex'), ('203.0.113.' || m % 250)::inet, ('198.51.' || m % 200 || '.0/24')::cidr, ('a4:83:e7:' || to_char(10 + m % 80, 'FM00') || ':5f:1c')::macaddr,
    jsonb_build_object('iban', 'DE893704004405' || m), array['tag-of-' || m, 'shared-secret-tag'], array[880000111222 + m * 13, 771234567890], 'code-' || m, 'Ci-Secret-' || m, 'dom' || m || '@example.net',
    tstzrange(timestamptz '2020-02-03 04:05:06.789Z' + m * interval '33 h 1 min', timestamptz '2024-02-03 04:05:06.789Z' + m * interval '33 h 1 min'), int8range(660000123456 + m * 17, 990000123456 + m * 17),
    'calm', true, to_tsvector('simple', 'lexeme' || m || 'hidden'), hstore('key' || m, 'hsecret' || m), ('left' || m, 'right' || m)::pair, array[jsonb_build_object('s', 'deep-secret-' || m)],
    case when m % 3 = 0 then 'pending' else 'private-state-' || m % 5 end, 1 + m % 4, '+49151' || (23456789 + m * 31),
    make_interval(secs => 912345 + m), xmlparse(content '<s>xml-secret-' || m || '</s>'), (m + 99887766)::bit(48), (54321.98 + m)::numeric::money, point(12.3456789 + m, 45.6789123)
  from (select i, case when i % 4 = 0 then i % 7 else i end as m from generate_series(1, 30000) i) s;
  create index on people (created_by_mail(mail)) ;
`

/** What the snapshot is searched for: the beginning of each kind of value is enough. */
const SECRETS = [
  '@example', 'Planted', '49290', '73000', '73001', '0.1234567', '1.4934567', '203.0.113', '198.51.', 'a4:83', 'DE8937', 'tag-of', 'shared-secret', '880000111',
  '771234567890', 'code-', 'Ci-Secret', '660000123', '990000123', 'lexeme', 'hsecret', 'left1', 'right1', 'deep-secret', 'private-state', '+4915', 'xml-secret',
  '253:25', '54,321', '54321', '12.345', '45.678', '41.123456', '43.654321', '06.789',
] // biome-ignore format: a table

const start = `create function created_by_mail(t text) returns text language sql immutable as 'select upper(t)';`

describe('values of rows', () => {
  let postgres: TestPostgres
  let url: string
  let real: readonly Record<string, unknown>[]

  beforeAll(async () => {
    postgres = await startPostgres()
    url = await postgres.database()
    await query(
      url,
      start,
      PLANTED,
      'create index on people (mail)',
      "create index on people (status) where status = 'pending'",
      'create index on people (seen)',
      'create index on people (card)',
      'create index on people (code)',
      'analyze people',
      'create extension pg_stat_statements',
      "select count(*) from people where mail = 'not-normalised@example.org'",
    )
    real = await query(url, 'select token::text, raw::text, born::text, seen::text, local::text, at::text from people')
  })
  afterAll(() => postgres.stop())

  const printed = async (values: ValuesMode) =>
    printSnapshot(await takeSnapshot({ connectionString: url, values, now: NOW, signal: AbortSignal.timeout(60_000) }))

  it('are in the file when they are kept, so that the search below can find them', async () => {
    const text = await printed('keep')
    const absent = SECRETS.filter((secret) => !text.includes(secret))
    // Types that ANALYZE keeps no values of: these never leave by any way.
    expect(absent).toEqual(['xml-secret', '12.345', '45.678'])
    expect(real.some(({ token }) => text.includes(String(token)))).toBe(true)
  })

  for (const mode of ['remap', 'none'] as const) {
    it(`do not leave with --values ${mode}, whatever their type`, async () => {
      const text = await printed(mode)
      expect(SECRETS.filter((secret) => text.includes(secret))).toEqual([])
      for (const key of ['token', 'raw', 'seen', 'local']) {
        const leaked = real
          .map((row) => String(row[key]).replace(' ', 'T').replace('+00', 'Z'))
          .filter((value) => text.includes(value))
        expect([key, leaked]).toEqual([key, []])
      }
    })
  }

  it('keep their frequencies, order and the constants that stand in the code', async () => {
    const take = (values: ValuesMode) =>
      takeSnapshot({ connectionString: url, values, now: NOW, signal: AbortSignal.timeout(60_000) })
    const [kept, made] = [await take('keep'), await take('remap')]
    const column = (snapshot: typeof kept, name: string) =>
      snapshot.relations.find((one) => one.name === 'people')?.columns.find((one) => one.column === name)
    for (const one of kept.relations.find(({ name }) => name === 'people')?.columns ?? []) {
      const other = column(made, one.column)
      const { nullFrac, avgWidth, nDistinct, correlation } = one
      expect(other).toMatchObject({ nullFrac, avgWidth, nDistinct, correlation })
      if (other?.mostCommonVals !== null) expect(other?.mostCommonFreqs).toEqual(one.mostCommonFreqs)
    }
    expect(column(made, 'status')?.mostCommonVals).toContain('pending')
    expect(column(made, 'feeling')?.mostCommonVals).toBe('{calm}')
    expect(column(made, 'step')?.mostCommonVals).toBe(column(kept, 'step')?.mostCommonVals)
    const missing = made.missing.map(({ what }) => what).join()
    for (const lost of ['duo', 'kv', 'dur', 'cash', 'bits']) expect(missing).toContain(`people.${lost}`)
  })

  it('can be restored into statistics, in the order that PostgreSQL sorts them', async () => {
    const made = await takeSnapshot({
      connectionString: url,
      values: 'remap',
      now: NOW,
      signal: AbortSignal.timeout(60_000),
    })
    const people = made.relations.find(({ name }) => name === 'people')
    const types: Readonly<Record<string, string>> = {
      mail: 'text', name: 'text collate "C"', card: 'int8', price: 'numeric(12,2)', ratio: 'float8', born: 'date', seen: 'timestamptz', local: 'timestamp', at: 'time', token: 'uuid',
      raw: 'bytea', ip: 'inet', net: 'cidr', doc: 'jsonb', code: 'char(12)', ci: 'citext', id: 'int8',
    } // biome-ignore format: a table
    for (const [name, type] of Object.entries(types)) {
      const bounds = people?.columns.find(({ column }) => column === name)?.histogramBounds ?? ''
      const [base = '', collate = ''] = type.split(/(?= collate)/)
      const [row] = await query<{ sorted: boolean; n: string }>(
        url,
        `select count(*) as n, coalesce(bool_and(v >= before), false) as sorted from (select v, lag(v) over (order by at) as before
           from unnest('${bounds}'::text[]) with ordinality u (t, at), lateral (select t::${base}${collate}) x (v)) y where before is not null`,
      )
      expect([name, row?.sorted, Number(row?.n) > 20]).toEqual([name, true, true])
    }
  })

  it('give the same file each time, but for the time', async () => {
    const stats = /"(scans|callsPerMinute|meanMs)":[^,}]*,?|"workload[\s\S]*?(?="appliedMigrations")/g
    expect((await printed('remap')).replaceAll(stats, '')).toBe((await printed('remap')).replaceAll(stats, ''))
  })
})
