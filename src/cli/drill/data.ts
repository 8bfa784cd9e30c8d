/** The data that every act starts from: generated once per size, then copied. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createMigrations } from '../../adapters/postgres/migrations/runner.ts'
import { type Clock, type DurationMs, ms } from '../../base/time.ts'
import type { Script } from '../../core/rehearse/script.ts'
import { orAbort, type Scope } from '../scope.ts'
import { type DatabaseClient, withDatabase } from './database.ts'
import { type ExamplePaths, generateData } from './example.ts'
import type { Live } from './live.ts'

/** The services' own role: it may read and write rows, and nothing else. */
export const SERVICE_ROLE = 'payments_app'
/** The data does not follow the traffic's seed: a new seed must not cost a minute of loading. */
const DATA_SEED = 20240315
const PROBE_RUNS = 5

/** Which data, and where. */
export interface DataOptions {
  readonly rows: number
  readonly script: Script
  readonly example: ExamplePaths
  readonly clock: Clock
  readonly live: Live
  readonly scope: Scope
  /** Connection string of a database of the watched server. */
  readonly urlOf: (database: string) => string
}

/** The data as cached. */
export interface CachedData {
  /** The database to copy from. */
  readonly template: string
  /** How long this machine took for one execution of the scenario's probe, alone, right after the data was made. */
  readonly probe: DurationMs
}

/** Makes sure that the data of this size is there; made anew when its recipe has changed. */
export async function ensureData(options: DataOptions): Promise<CachedData> {
  const { rows, live, urlOf } = options
  const recipe = await recipeOf(options)
  const template = `payments_${rows}`
  const known = await markOf(urlOf('postgres'), template)
  if (known?.recipe === recipe) {
    live.line(`Data: ${rows.toLocaleString('en')} payments, from the cache`, null, 'quiet')
    return { template, probe: known.probe }
  }
  live.line(`Data: generating ${rows.toLocaleString('en')} payments (once; cached afterwards)`)
  await withDatabase(urlOf('postgres'), async (client) => {
    await dropAll(client)
    await client.query(`create database ${client.escapeIdentifier(template)}`)
  })
  await fill(options, urlOf(template))
  const probe = await orAbort(options.scope, measureProbe(urlOf(template), options.script))
  // The mark of a whole data set comes last: a half-filled database is never used.
  await withDatabase(urlOf('postgres'), (client) =>
    client.query(
      `comment on database ${client.escapeIdentifier(template)} is ${client.escapeLiteral(`${recipe} ${probe}`)}`,
    ),
  )
  return { template, probe }
}

/** What is written on a whole data set; null when there is none. */
async function markOf(url: string, template: string): Promise<{ recipe: string; probe: DurationMs } | null> {
  const { rows } = await withDatabase(url, (client) =>
    client.query<{ mark: string | null }>(
      "select shobj_description(oid, 'pg_database') as mark from pg_database where datname = $1",
      [template],
    ),
  )
  const mark = /^(premortem [0-9a-f]{64}) ([\d.]+)$/.exec(rows[0]?.mark ?? '')
  return mark?.[1] ? { recipe: mark[1], probe: ms(Number(mark[2])) } : null
}

/**
 * Times what the bad release will do, without its index: the drill's traffic is sized by it, so that the incident is the
 * same on a faster machine. The best of several runs, since other programs can only make it slower; rolled back.
 */
async function measureProbe(url: string, script: Script): Promise<DurationMs> {
  return withDatabase(url, async (client) => {
    await client.query('begin')
    await client.query(script.probe.without)
    let best = Number.POSITIVE_INFINITY
    for (let run = 0; run < PROBE_RUNS; run++) {
      const started = performance.now()
      await client.query(script.probe.sql)
      best = Math.min(best, performance.now() - started)
    }
    await client.query('rollback')
    return ms(Math.round(best * 100) / 100)
  })
}

async function fill(options: DataOptions, url: string): Promise<void> {
  const { rows, script, example, clock, live, scope } = options
  await withDatabase(url, (client) => client.query('create extension if not exists pg_stat_statements'))
  const folderOf = (release: string) => join(example.releases, release, 'migrations')
  const migrations = createMigrations({ connectionString: url, folderOf, clock })
  await orAbort(scope, migrations.apply(script.stable, scope.signal))
  await generateData(example, { url, rows, seed: DATA_SEED, signal: scope.signal, onProgress: stepsOn(live) })
  await withDatabase(url, async (client) => {
    for (const statement of GRANTS) await client.query(statement)
  })
}

const GRANTS = [
  `grant usage on schema public to ${SERVICE_ROLE}`,
  `grant select, insert, update, delete on all tables in schema public to ${SERVICE_ROLE}`,
  `grant usage, select on all sequences in schema public to ${SERVICE_ROLE}`,
  `alter default privileges in schema public grant select, insert, update, delete on tables to ${SERVICE_ROLE}`,
  `alter default privileges in schema public grant usage, select on sequences to ${SERVICE_ROLE}`,
]

/** A line for every step, not for every percent. */
function stepsOn(live: Live): (line: string) => void {
  let told = ''
  return (line) => {
    const step = line.split(' ')[0] ?? ''
    if (step === told) return
    told = step
    live.line(`  ${step} …`, null, 'quiet')
  }
}

/** Only one size is kept: drills must not fill the disk over the weeks. */
async function dropAll(client: DatabaseClient): Promise<void> {
  const { rows } = await client.query<{ datname: string }>(
    String.raw`select datname from pg_database where datname ~ '^payments(_\d+)?$'`,
  )
  for (const { datname } of rows) await client.query(`drop database ${client.escapeIdentifier(datname)} with (force)`)
}

/** A fingerprint of everything that the data depends on. */
async function recipeOf({ example, script, rows }: DataOptions): Promise<string> {
  const hash = createHash('sha256').update(
    JSON.stringify({ rows, seed: DATA_SEED, grants: GRANTS, probe: script.probe }),
  )
  for (const folder of [join(example.releases, script.stable, 'migrations'), example.data]) {
    for (const name of (await readdir(folder)).sort()) {
      if (/\.(sql|ts|js)$/.test(name)) hash.update(name).update(await readFile(join(folder, name)))
    }
  }
  return `premortem ${hash.digest('hex')}`
}
