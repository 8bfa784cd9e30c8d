/** What the lint rules believe that a statement locks and does, held against what PostgreSQL really does. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EmbeddedServer, startEmbedded } from '../../src/adapters/embedded/server.ts'
import type { LockMode, Work } from '../../src/core/check/finding.ts'
import type { LintRule } from '../../src/core/check/lint/rule.ts'
import { tableEffects } from '../../src/core/check/lint/tree/effects.ts'
import { productionOf } from '../lint/production.ts'
import { lintWith } from '../lint/rule-testing.ts'

const SCHEMA = [
  'CREATE TABLE public.customers (id bigint PRIMARY KEY)',
  `CREATE TABLE public.orders (
     id bigint NOT NULL, customer_id bigint, a integer, b integer NOT NULL, code varchar(40), note text, total numeric(10,2),
     at timestamp(3), addr cidr, flags varbit(4), checked varchar(9), tags varchar(9)[],
     CONSTRAINT checked_not_empty CHECK (checked <> ''), CONSTRAINT a_not_null CHECK (a IS NOT NULL))`,
  'CREATE UNIQUE INDEX orders_id_idx ON public.orders (id)',
  'CREATE INDEX orders_at_idx ON public.orders (at)',
  'CREATE UNIQUE INDEX orders_a_idx ON public.orders (a, customer_id)',
  'ALTER TABLE public.orders ADD CONSTRAINT unchecked CHECK (b > 0) NOT VALID',
  'CREATE TABLE public.events (kind integer) PARTITION BY LIST (kind)',
  'CREATE TABLE public.e1 PARTITION OF public.events FOR VALUES IN (1)',
  'CREATE TABLE public.e2 (kind integer)',
]

const ROWS = [
  'INSERT INTO customers SELECT g FROM generate_series(1, 100) g',
  `INSERT INTO orders SELECT g, g, g, g, 'x', 'y', 1, now(), '10.0.0.0/8', B'1010', 'z', '{x}' FROM generate_series(1, 100) g`,
  'INSERT INTO e2 SELECT 2 FROM generate_series(1, 100)',
]

const TABLES = ['customers', 'orders', 'events', 'e1', 'e2']

const STRENGTH: readonly LockMode[] = [
  'AccessShare',
  'RowShare',
  'RowExclusive',
  'ShareUpdateExclusive',
  'Share',
  'ShareRowExclusive',
  'Exclusive',
  'AccessExclusive',
]

/** Locks from ShareUpdateExclusive on, the strongest a table; weaker ones are not what the rules are about. */
type Locks = Readonly<Record<string, LockMode>>

interface Did {
  readonly locks: Locks
  /** Of `orders`. */
  readonly rewritten: boolean
  readonly read: boolean
}

function strongest(locks: readonly { readonly table: string; readonly lock: LockMode }[]): Locks {
  const found: Record<string, LockMode> = {}
  for (const { table, lock } of locks) {
    const rank = STRENGTH.indexOf(lock)
    if (rank >= 3 && rank > STRENGTH.indexOf(found[table] ?? 'AccessShare')) found[table] = lock
  }
  return found
}

const SNAPSHOT = productionOf({ schema: SCHEMA, tables: TABLES.map((name) => ({ name, rows: 100 })), version: 180_000 })

function believed(sql: string): Did {
  const seen: { table: string; lock: LockMode; work: Work }[] = []
  const listens: LintRule = {
    id: 'listens',
    title: 'tells what is believed',
    squawk: [],
    level: 'note',
    defaultOn: true,
    statement: (context) => {
      seen.push(...tableEffects(context).map(({ name, lock, work }) => ({ table: name, lock, work })))
      return []
    },
  }
  lintWith([listens], sql, { snapshot: SNAPSHOT })
  const work = seen.filter(({ table }) => table === 'orders' || table === 'e2').map((one) => one.work)
  const rewritten = work.includes('rewrite')
  return { locks: strongest(seen), rewritten, read: rewritten || work.some((one) => one !== 'instant') }
}

const FILES = `select string_agg(relname || ':' || relfilenode, ' ' order by relname) as files from pg_class where oid = any($1)`
// Counts of transactions that were undone stay in it until they are reported: only a difference means something.
const READ = `select coalesce(sum(seq_tup_read), 0)::int as rows from pg_stat_xact_user_tables where relid = any($1)`
const LOCKS = `select relation as oid, replace(mode, 'Lock', '') as lock from pg_locks where pid = pg_backend_pid() and relation = any($1)`

/** Names of the tables by their oids, which stay when a table goes. */
const names = new Map<number, string>()
const oidsOf = (...tables: readonly string[]) =>
  [...names].filter(([, name]) => tables.includes(name)).map(([oid]) => oid)

async function happened(client: pg.Client, sql: string): Promise<Did> {
  const filled = oidsOf('orders', 'e2')
  const measure = async () => {
    const { rows: files } = await client.query<{ files: string | null }>(FILES, [filled])
    const { rows: read } = await client.query<{ rows: number }>(READ, [filled])
    return { files: files[0]?.files, rows: read[0]?.rows ?? 0 }
  }
  await client.query('begin')
  try {
    const before = await measure()
    await client.query(sql)
    const { rows } = await client.query<{ oid: number; lock: LockMode }>(LOCKS, [[...names.keys()]])
    const after = await measure()
    const rewritten = before.files !== after.files && !sql.startsWith('DROP')
    const locks = strongest(rows.map(({ oid, lock }) => ({ table: names.get(oid) ?? '', lock })))
    return { locks, rewritten, read: rewritten || after.rows > before.rows }
  } finally {
    await client.query('rollback')
  }
}

const alter = (action: string) => `ALTER TABLE orders ${action}`

const STATEMENTS = [
  alter('ADD COLUMN n int'),
  alter('ADD COLUMN n int NOT NULL DEFAULT 7'),
  alter('ADD COLUMN n timestamptz DEFAULT now()'),
  alter("ADD COLUMN n timestamp DEFAULT (now() AT TIME ZONE 'UTC')"),
  alter('ADD COLUMN n uuid DEFAULT gen_random_uuid()'),
  alter('ADD COLUMN n bigserial'),
  alter('ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY'),
  alter('ADD COLUMN n int GENERATED ALWAYS AS (a * 2) STORED'),
  alter('ADD COLUMN n int GENERATED ALWAYS AS (a * 2) VIRTUAL'),
  alter('ADD COLUMN n int UNIQUE'),
  alter('ADD COLUMN n int CHECK (n > 0)'),
  alter('ADD COLUMN n bigint REFERENCES customers (id)'),
  alter('ADD COLUMN n bigint DEFAULT 1 REFERENCES customers (id)'),
  alter('DROP COLUMN note'),
  alter('ALTER a SET DEFAULT 1'),
  alter('ALTER a SET NOT NULL'),
  alter('ALTER note SET NOT NULL'),
  alter('ALTER b SET NOT NULL'),
  alter('ALTER b DROP NOT NULL'),
  alter('ADD CONSTRAINT n NOT NULL note'),
  alter('ADD CONSTRAINT n NOT NULL note NOT VALID'),
  alter('ALTER a SET STATISTICS 500'),
  alter('ALTER code TYPE varchar(80)'),
  alter('ALTER code TYPE varchar(20)'),
  alter('ALTER code TYPE text'),
  alter('ALTER code TYPE text USING upper(code)'),
  alter('ALTER note TYPE varchar'),
  alter('ALTER note TYPE varchar(80)'),
  alter('ALTER b TYPE bigint'),
  alter('ALTER total TYPE numeric(12,2)'),
  alter('ALTER total TYPE numeric(12,4)'),
  alter('ALTER at TYPE timestamp'),
  alter('ALTER at TYPE timestamp(0)'),
  alter('ALTER addr TYPE inet'),
  alter('ALTER flags TYPE varbit(8)'),
  alter('ALTER checked TYPE text'),
  alter('ALTER tags TYPE text[]'),
  alter('ADD CONSTRAINT n CHECK (a > 0)'),
  alter('ADD CONSTRAINT n CHECK (a > 0) NOT VALID'),
  alter('ADD CONSTRAINT n CHECK (a > 0) NOT ENFORCED'),
  alter('VALIDATE CONSTRAINT unchecked'),
  alter('ADD CONSTRAINT n FOREIGN KEY (customer_id) REFERENCES customers (id)'),
  alter('ADD CONSTRAINT n FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID'),
  alter('ADD UNIQUE (b)'),
  alter('ADD PRIMARY KEY (b)'),
  alter('ADD PRIMARY KEY USING INDEX orders_id_idx'),
  alter('ADD PRIMARY KEY USING INDEX orders_a_idx'),
  alter('ADD UNIQUE USING INDEX orders_id_idx'),
  alter('ADD EXCLUDE USING btree (b WITH =)'),
  alter('DROP CONSTRAINT unchecked'),
  alter('SET UNLOGGED'),
  alter('SET (fillfactor = 90)'),
  alter('DISABLE TRIGGER USER'),
  alter('RENAME COLUMN a TO z'),
  alter('ENABLE ROW LEVEL SECURITY'),
  'CREATE INDEX n ON orders (b)',
  'DROP INDEX orders_at_idx',
  'REINDEX TABLE orders',
  'REINDEX INDEX orders_at_idx',
  'CREATE TABLE n (o bigint REFERENCES customers (id))',
  'CREATE TABLE n PARTITION OF events FOR VALUES IN (3)',
  'ALTER TABLE events ATTACH PARTITION e2 FOR VALUES IN (2)',
  'ALTER TABLE events DETACH PARTITION e1',
  'CREATE TRIGGER n BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
  'CREATE POLICY n ON orders USING (true)',
  'LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE',
  'DROP TABLE e2',
]

let server: EmbeddedServer | null = null
let client = new pg.Client()
const root = mkdtempSync(join(tmpdir(), 'premortem-effects-'))

beforeAll(async () => {
  server = await startEmbedded({ name: 'effects', root, settings: { autovacuum: 'off', fsync: 'off' } })
  client = new pg.Client({ connectionString: server.connectionString() })
  await client.connect()
  for (const sql of [...SCHEMA, ...ROWS]) await client.query(sql)
  const { rows } = await client.query<{ oid: number; name: string }>(
    'select oid, relname as name from pg_class where relname = any($1)',
    [TABLES],
  )
  for (const { oid, name } of rows) names.set(oid, name)
})

afterAll(async () => {
  await client.end()
  await server?.stop()
  rmSync(root, { recursive: true, force: true })
})

describe('what is believed of a statement is what PostgreSQL 18 does', () => {
  it.each(STATEMENTS)('%s', async (sql) => {
    const { locks, rewritten, read } = await happened(client, sql)
    expect(believed(sql)).toEqual({ locks, rewritten, read })
  })
})
