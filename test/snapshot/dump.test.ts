import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { printSchema } from '../../src/adapters/postgres/snapshot/dump/program.ts'
import { takeSnapshot } from '../../src/adapters/postgres/snapshot/take.ts'
import { epochMs } from '../../src/base/time.ts'
import { query, startPostgres, type TestPostgres } from '../adapters/fixtures/postgres.ts'

const read = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')
/** What pg_dump 15 printed of the schema in awkward.sql and of `MORE`. */
const RECORDED = fileURLToPath(new URL('./fixtures/awkward.pg-dump-15.sql', import.meta.url))
const MORE = `
  create policy named on tenants for delete to awkward_app using (owner = 'a; b');
  create operator === (leftarg = int, rightarg = int, function = int4eq);
  create cast (point3 as text) with inout;
  create table left_over (a int); insert into left_over values (1), (1);
  create function on_ddl() returns event_trigger language plpgsql as 'begin end'`

describe('the schema of pg_dump', () => {
  let postgres: TestPostgres
  let awkward: string
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'premortem-dump-'))
    postgres = await startPostgres()
    awkward = await postgres.database()
    await query(awkward, 'create role awkward_app', read('awkward.sql'), MORE)
    // It fails on a duplicate, as it must: what it leaves behind is an invalid index.
    await query(awkward, 'create unique index concurrently left_over_a on left_over (a)').catch(() => undefined)
  })
  afterAll(async () => {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** A program that says it is pg_dump of `version` and then does `script`. */
  function program(script: string, version = '18.4'): string {
    const path = join(mkdtempSync(join(folder, 'bin-')), 'pg_dump')
    const told = `if [ "$1" = --version ]; then echo 'pg_dump (PostgreSQL) ${version}'; exit; fi`
    writeFileSync(path, `#!/bin/sh\n${told}\n${script}\n`)
    chmodSync(path, 0o755)
    return path
  }
  const take = (url: string, pgDump?: string) => {
    const lines: string[] = []
    const how = pgDump === undefined ? ({ schema: 'catalog' } as const) : { pgDump }
    const options = {
      connectionString: url,
      values: 'none',
      now: epochMs(0),
      signal: AbortSignal.timeout(60_000),
    } as const
    return takeSnapshot({ ...options, ...how, onProgress: (line) => lines.push(line) }).then((snapshot) => ({
      snapshot,
      lines,
    }))
  }
  const print = (script: string, more: { within?: number; maxBytes?: number; signal?: AbortSignal } = {}) =>
    printSchema({
      connectionString: awkward,
      version: 180_004,
      signal: AbortSignal.timeout(30_000),
      program: program(script),
      ...more,
    })

  it('makes the same schema again on an empty database', async () => {
    const { snapshot } = await take(awkward, program(`cat '${RECORDED}'`))
    expect(snapshot.schemaSource).toBe('pg_dump')
    const copy = await postgres.database()
    for (const { sql } of snapshot.schema) {
      await query(copy, sql).catch((error: unknown) => {
        if (!sql.includes('left_over_a')) throw new Error(`${sql}: ${String(error)}`)
      })
    }
    const [original, again] = [(await take(awkward)).snapshot, (await take(copy)).snapshot]
    const sorted = (one: typeof original) => one.schema.map(({ kind, sql }) => `${kind}: ${sql}`).sort()
    expect(sorted(again)).toEqual(sorted(original))
  })

  it('names objects, kinds and extensions as the catalogs do', async () => {
    const { snapshot } = await take(awkward, program(`cat '${RECORDED}'`))
    const { snapshot: catalog } = await take(awkward)
    const named = (one: typeof snapshot) =>
      new Set(
        one.schema
          .filter(({ kind }) => !['function', 'other', 'partition'].includes(kind))
          .map(({ kind, object, extension }) => `${kind} ${object} ${extension}`)
          // A dump makes partitions as tables and attaches them, and names the sequences of identity columns.
          .filter((line) => !/^(table public[.](events|hashed)_|sequence public[.]customers_id_seq)/.test(line)),
      )
    expect(named(snapshot)).toEqual(named(catalog))
    expect(snapshot.schema.find(({ sql }) => sql.includes('CREATE POLICY named'))?.object).toBe('public.tenants')
    expect(snapshot.schema.find(({ sql }) => sql.includes('DISABLE TRIGGER'))?.object).toBe('public.customers')
  })

  it('holds operators and casts, and neither comments nor passwords nor what is on other servers', async () => {
    const { snapshot } = await take(awkward, program(`cat '${RECORDED}'`))
    const text = snapshot.schema.map(({ sql }) => sql).join('\n')
    expect(text).toContain('CREATE OPERATOR public.===')
    expect(text).toContain('CREATE CAST (public.point3 AS text)')
    expect(text).not.toMatch(/planted-password|far\.example\.org|COMMENT ON|restrict|EVENT TRIGGER|search_path/)
    const missing = snapshot.missing.map(({ what }) => what)
    expect(missing).toEqual(['the workload of pg_stat_statements', 'foreign table public.distant'])
    const fromCatalogs = (await take(awkward)).snapshot.missing.map(({ what }) => what)
    expect(fromCatalogs).toEqual(expect.arrayContaining(['cast from public.point3 to text', 'operator public.===']))
  })

  it('holds indexes that are invalid, which pg_dump leaves out', async () => {
    const { snapshot } = await take(awkward, program(`cat '${RECORDED}'`))
    expect(snapshot.schema.at(-1)).toMatchObject({ kind: 'index', object: 'public.left_over_a' })
    expect(snapshot.relations.find(({ name }) => name === 'left_over_a')).toMatchObject({ valid: false })
  })

  it('is the one of the catalogs when pg_dump is too old, fails or prints half, and says why', async () => {
    const cases: [string, string][] = [
      [program('echo never', '17.6'), 'is of 17, not 18'],
      [program('echo "pg_dump: error: permission denied for table t" >&2; exit 1'), 'permission denied for table t'],
      [
        program("echo '-- Name: t; Type: TABLE; Schema: public; Owner: -'; echo 'create table t (a text default $$x'"),
        'not whole',
      ],
      [program('exit 0'), 'it printed no schema'],
      [join(folder, 'nowhere'), 'ENOENT'],
    ]
    for (const [path, why] of cases) {
      const { snapshot, lines } = await take(awkward, path)
      expect(snapshot.schemaSource).toBe('catalog')
      expect(lines.join('\n')).toMatch(new RegExp(`of the catalogs, not of pg_dump: .*${why}`))
    }
  })

  it('is not waited for beyond a time, a size, or an abort', async () => {
    expect(await print('exec sleep 60', { within: 300 })).toEqual({ why: 'it took longer than 0.3 s' })
    expect(await print('exec yes', { maxBytes: 10_000 })).toEqual({ why: 'it printed more than 10000 bytes' })
    const stop = new AbortController()
    const waiting = print('exec sleep 60', { signal: stop.signal })
    setTimeout(() => stop.abort(new Error('enough')), 300)
    await expect(waiting).rejects.toThrow('enough')
  })

  it('gets the password and the address by its environment, and none of our secrets', async () => {
    process.env.PREMORTEM_PLANTED = 'secret'
    try {
      const printed = await print('echo "$@"; env')
      const [line = '', ...environment] = 'text' in printed ? printed.text.split('\n') : []
      const url = new URL(awkward)
      expect(line).toMatch(/^--schema-only .*--lock-wait-timeout=1000$/)
      expect(environment).toEqual(
        expect.arrayContaining([`PGPORT=${url.port}`, `PGDATABASE=${url.pathname.slice(1)}`, `PGUSER=${url.username}`]),
      )
      expect(environment).toContain(`PGPASSWORD=${decodeURIComponent(url.password)}`)
      expect(environment.join('\n')).not.toContain('PLANTED')
    } finally {
      delete process.env.PREMORTEM_PLANTED
    }
  })
})
