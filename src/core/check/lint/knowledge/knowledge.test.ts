import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { parsed } from '../../../../../test/lint/rule-testing.ts'
import { loadSqlParser } from '../../../../adapters/sqlparser/parser.ts'
import type { Snapshot } from '../../snapshot.ts'
import type { MigrationFormat, ParsedFile } from '../../sql.ts'
import type { StatementContext } from '../rule.ts'
import { Knowledge } from './knowledge.ts'

const parser = await loadSqlParser()

interface Asked {
  readonly snapshot?: Snapshot | null
  readonly earlier?: readonly string[]
  readonly format?: MigrationFormat
}

/** What is known before the last statement of the SQL. */
function knownBefore(sql: string, { snapshot = null, earlier = [], format = 'plain' }: Asked = {}): StatementContext {
  const file = parsed(sql, format)
  const files: readonly ParsedFile[] = [...earlier.map((text) => parsed(text)), file]
  const knowledge = new Knowledge({ snapshot, parser, files })
  for (const one of files) {
    knowledge.begin(one)
    for (const [at, statement] of one.statements.entries()) {
      const context = knowledge.contextOf(one, at)
      if (one === file && at === file.statements.length - 1 && context !== null) return context
      knowledge.take(statement)
    }
  }
  throw new Error('there is no statement')
}

const columns = (context: StatementContext, table: string) =>
  context.table(null, table)?.columns?.map(({ name, type, notNull }) => `${name} ${type}${notNull ? ' not null' : ''}`)

describe('what is known of tables', () => {
  it('is what the statements before made, with columns and their types as PostgreSQL writes them', () => {
    const context = knownBefore(
      `CREATE TABLE a (id bigserial PRIMARY KEY, b varchar(40) NOT NULL, c timestamptz, d numeric(10,2)[], e app.kind);
       ALTER TABLE a ADD COLUMN f timestamp(3), ALTER COLUMN b TYPE text, DROP COLUMN e;
       ALTER TABLE a RENAME COLUMN c TO g;
       SELECT 1`,
    )
    expect(columns(context, 'a')).toEqual([
      'id bigint not null',
      'b text not null',
      'g timestamp with time zone',
      'd numeric(10,2)[]',
      'f timestamp(3) without time zone',
    ])
    expect(context.table('public', 'a')?.isNew).toBe(true)
    expect(context.index(null, 'a_pkey')?.columns).toEqual(['id'])
  })

  it('is new from a file before, and in another transaction then', () => {
    const context = knownBefore('SELECT 1', { earlier: ['CREATE TABLE a (id int)'] })
    expect(context.table(null, 'a')).toMatchObject({ isNew: true, isNewInTransaction: false })
    expect(knownBefore('CREATE TABLE a (); SELECT 1').table(null, 'a')).toMatchObject({ isNewInTransaction: true })
    expect(knownBefore('BEGIN; CREATE TABLE a (); COMMIT; SELECT 1').table(null, 'a')).toMatchObject({
      isNew: true,
      isNewInTransaction: false,
    })
  })

  it('says nothing of a table that nobody mentioned, and that one mentioned is not new', () => {
    const context = knownBefore('ALTER TABLE a ADD COLUMN b int; SELECT 1')
    expect(context.table(null, 'a')).toMatchObject({ isNew: false, rows: null })
    expect(context.table(null, 'z')).toBeNull()
    expect(context.existedBefore(null, 'z')).toBe(true)
    expect(knownBefore('CREATE TABLE z (); SELECT 1').existedBefore(null, 'z')).toBe(false)
  })

  it('forgets what is dropped, indexes with their table', () => {
    const context = knownBefore('CREATE TABLE a (b int); CREATE INDEX i ON a (b); DROP TABLE a; SELECT 1')
    expect([context.table(null, 'a'), context.index(null, 'i')]).toEqual([null, null])
  })

  it('follows renames and moves of tables, indexes and schemas', () => {
    const context = knownBefore(
      `CREATE SCHEMA s; CREATE TABLE s.a (b int); CREATE INDEX i ON s.a (b); ALTER TABLE s.a RENAME TO c;
       ALTER INDEX s.i RENAME TO j; ALTER SCHEMA s RENAME TO t; SELECT 1`,
    )
    expect(context.table('t', 'c')?.indexes.map(({ schema, name, table }) => [schema, name, table])).toEqual([
      ['t', 'j', 'c'],
    ])
    expect([context.table('s', 'a'), context.table('t', 'a')]).toEqual([null, null])
  })

  it('looks for names along the search path', () => {
    const context = knownBefore('SET search_path = app, public; CREATE TABLE a (); SELECT 1')
    expect(context.table(null, 'a')?.schema).toBe('app')
    expect(
      knownBefore('SET search_path = app; CREATE TABLE a (); RESET search_path; SELECT 1').table(null, 'a'),
    ).toBeNull()
  })

  it('sees statements of DO blocks', () => {
    expect(knownBefore('DO $$ BEGIN CREATE TABLE a (); END $$; SELECT 1').table(null, 'a')?.isNew).toBe(true)
  })
})

describe('what is known of constraints', () => {
  it('is whether they were validated, and on what', () => {
    const context = knownBefore(
      `ALTER TABLE a ADD CONSTRAINT c CHECK (b > 0) NOT VALID, ADD CONSTRAINT f FOREIGN KEY (d) REFERENCES s.x (id) NOT VALID;
       ALTER TABLE a VALIDATE CONSTRAINT c; SELECT 1`,
    )
    expect(context.table(null, 'a')?.constraints).toEqual([
      { name: 'c', kind: 'check', columns: ['b'], validated: true, detail: 'b > 0', isNew: true },
      { name: 'f', kind: 'foreign', columns: ['d'], validated: false, detail: 's.x', isNew: true },
    ])
  })

  it('a key takes over an index with its name, and makes its columns NOT NULL', () => {
    const context = knownBefore(
      'CREATE TABLE a (b int, c int); CREATE UNIQUE INDEX i ON a (b); ALTER TABLE a ADD CONSTRAINT k PRIMARY KEY USING INDEX i; SELECT 1',
    )
    expect(context.index(null, 'k')).toMatchObject({ unique: true, columns: ['b'] })
    expect(columns(context, 'a')).toEqual(['b integer not null', 'c integer'])
  })
})

describe('what is known of the session', () => {
  it.each([
    ["SET lock_timeout = '5s'; SELECT 1", 5000],
    ['SET lock_timeout TO 250; SELECT 1', 250],
    ["SET LOCAL lock_timeout = '2min'; SELECT 1", 120_000],
    ["SELECT set_config('lock_timeout', '3s', true); SELECT 1", 3000],
    ["SET lock_timeout = '5s'; RESET lock_timeout; SELECT 1", null],
    ["SET lock_timeout = '5s'; RESET ALL; SELECT 1", null],
    ['SET lock_timeout = 0; SELECT 1', 0],
    ["BEGIN; SET LOCAL lock_timeout = '5s'; COMMIT; SELECT 1", null],
    ["BEGIN; SET lock_timeout = '5s'; COMMIT; SELECT 1", 5000],
  ])('lock_timeout: %s', (sql, expected) => {
    expect(knownBefore(sql).lockTimeoutMs).toBe(expected)
  })

  it('does not reach into the next file', () => {
    expect(knownBefore('SELECT 1', { earlier: ["SET lock_timeout = '5s'"] }).lockTimeoutMs).toBeNull()
  })

  it('begins with what the database sets by itself', () => {
    const snapshot = productionOf({ settings: [{ name: 'lock_timeout', value: '4s' }] })
    expect(knownBefore('SELECT 1', { snapshot }).lockTimeoutMs).toBe(4000)
  })

  it('is one transaction of the tool, or the one that BEGIN opened, or none', () => {
    expect(knownBefore('SELECT 1; SELECT 2').transaction).toMatchObject({
      openedBy: 'tool',
      before: [{ sql: 'SELECT 1' }],
    })
    expect(knownBefore('BEGIN; SELECT 1; SELECT 2').transaction).toMatchObject({
      openedBy: 'statement',
      before: [{ sql: 'SELECT 1' }],
    })
    expect(knownBefore('BEGIN; SELECT 1; COMMIT; SELECT 2').transaction).toBeNull()
    expect(knownBefore('CREATE INDEX CONCURRENTLY i ON a (b); SELECT 2').transaction).toBeNull()
    expect(knownBefore('SELECT 1').transaction).toBeNull()
  })

  it('is one transaction for what a DO block runs', () => {
    const block = 'DO $$ BEGIN DROP TABLE a; DROP TABLE b; END $$'
    expect(knownBefore(block).transaction).toMatchObject({ before: [{ sql: 'DROP TABLE a' }] })
    expect(knownBefore(`VACUUM a; ${block}; SELECT 1`).transaction).toBeNull()
  })
})

describe('what a snapshot tells', () => {
  const snapshot = productionOf({
    tables: [
      { name: 'payments', rows: 50_000_000, bytes: 8192 * 1_000_000 },
      { name: 'events', rows: -1, kind: 'p' },
      { name: 'events_1', rows: 100 },
      { name: 'events_2', rows: 200 },
      { name: 'refunds', rows: 10 },
    ],
    indexes: [{ name: 'payments_by_user', table: 'payments', bytes: 8192 * 1000, scans: 7 }],
    schema: [
      'CREATE TABLE public.payments (id bigint NOT NULL, user_id bigint)',
      'CREATE INDEX payments_by_user ON public.payments USING btree (user_id) WHERE (user_id > 0)',
      'CREATE TABLE public.events (at timestamptz) PARTITION BY RANGE (at)',
      'CREATE TABLE public.events_1 PARTITION OF public.events DEFAULT',
      'CREATE TABLE public.events_2 (at timestamptz)',
      'ALTER TABLE ONLY public.events ATTACH PARTITION public.events_2 FOR VALUES FROM (MINVALUE) TO (MAXVALUE)',
      'CREATE TABLE public.refunds (payment_id bigint)',
      'ALTER TABLE ONLY public.refunds ADD CONSTRAINT r FOREIGN KEY (payment_id) REFERENCES public.payments(id)',
    ],
    workload: { 'SELECT * FROM payments WHERE user_id = $1': 1200, 'UPDATE "payments" SET x = $1': 40, 'SELECT 1': 9 },
  })

  it('is size, use and schema of what the change names', () => {
    const context = knownBefore('DROP INDEX payments_by_user', { snapshot })
    expect(context.index(null, 'payments_by_user')).toMatchObject({
      table: 'payments',
      scans: 7,
      partial: true,
      isNew: false,
      columns: ['user_id'],
    })
    const table = context.table('public', 'payments')
    expect(table).toMatchObject({
      rows: 50_000_000,
      bytes: 8_192_000_000,
      indexBytes: 8_192_000,
      callsPerMinute: 1240,
      isNew: false,
    })
    expect(columns(context, 'payments')).toEqual(['id bigint not null', 'user_id bigint'])
    expect(table === null ? [] : context.queriesOn(table).map(({ text }) => text)[0]).toContain('user_id = $1')
  })

  it('knows a key’s index by its size and by its columns', () => {
    const keyed = productionOf({
      tables: [{ name: 'a', rows: 10 }],
      indexes: [
        { name: 'a_pkey', table: 'a', bytes: 8192 * 5, scans: 3 },
        { name: 'a_b_key', table: 'a', bytes: 8192, scans: 4 },
      ],
      schema: [
        'CREATE TABLE public.a (id bigint NOT NULL, b text)',
        'ALTER TABLE ONLY public.a ADD CONSTRAINT a_pkey PRIMARY KEY (id)',
        'ALTER TABLE ONLY public.a ADD CONSTRAINT a_b_key UNIQUE (b)',
      ],
    })
    const context = knownBefore('DROP INDEX a_b_key', { snapshot: keyed })
    const known = (name: string) => context.index(null, name)
    expect(known('a_pkey')).toMatchObject({ columns: ['id'], unique: true, bytes: 8192 * 5, scans: 3, isNew: false })
    expect(known('a_b_key')).toMatchObject({ columns: ['b'], unique: true, bytes: 8192, scans: 4, isNew: false })
    expect(context.table(null, 'a')?.indexes).toHaveLength(2)
  })

  it('sizes a partitioned table by its partitions', () => {
    const context = knownBefore('ALTER TABLE events ADD COLUMN a int', { snapshot })
    expect(context.table(null, 'events')).toMatchObject({ kind: 'partitioned', rows: 300 })
    expect(context.table(null, 'events_1')?.kind).toBe('partition')
    expect(context.table(null, 'events_2')?.kind).toBe('partition')
  })

  it('lets foreign keys be followed from the table that they point to', () => {
    const context = knownBefore('TRUNCATE payments CASCADE', { snapshot })
    const pointing = context
      .tables?.()
      .filter((one) => one.constraints.some(({ detail }) => detail === 'public.payments'))
    expect(pointing?.map(({ name }) => name)).toEqual(['refunds'])
  })

  it('does not know what is not there', () => {
    const context = knownBefore('SELECT 1', { snapshot })
    expect(context.table(null, 'z')).toBeNull()
    expect([context.existedBefore(null, 'z'), context.existedBefore(null, 'payments')]).toEqual([false, true])
    expect(context.table(null, 'refunds')?.callsPerMinute).toBe(0)
  })
})
