import type pg from 'pg'
import { type Clock, type DurationMs, epochMs, ms, seconds } from '../../../base/time.ts'
import type { DatabaseSample, StatementDelta } from '../../../core/watch/samples.ts'
import { parseApplication } from './application-name.ts'
import { codeOf, isUnreachable, messageOf } from './client.ts'
import { type HeldConnection, holdConnection } from './held-connection.ts'
import { readInventory, type TakenInventory } from './inventory.ts'
import { type TickRow, textQuery, tickQuery, WATCH_APPLICATION, WATCH_MARK } from './queries.ts'
import { StatementCounts, type StatementIncrease } from './statement-counts.ts'

/** What one look saw. */
export interface DatabaseLook {
  /** Null when the server gave nothing. */
  readonly sample: DatabaseSample | null
  /** What is not in the sample, and why. */
  readonly missing: readonly string[]
}

/** Looks at one PostgreSQL server, once a tick. */
export interface DatabaseSource {
  /** Looks once. Never rejects: a server that does not answer is named in `missing`. */
  sample(signal: AbortSignal): Promise<DatabaseLook>
  close(): Promise<void>
}

/** Which database, and how long one look may take. */
export interface DatabaseSourceOptions {
  /** The watched database, as a role with `pg_read_all_stats` (or a superuser), to see others' statements. */
  readonly connectionString: string
  readonly clock: Clock
  /** Of one look. Default 2 s. */
  readonly deadline?: DurationMs
}

const DEFAULT_DEADLINE = ms(2000)
/** Statements of one sample, the most costly first; the rest is too small to matter. */
export const MAX_STATEMENTS = 500
/** Texts that are remembered; the oldest are read again when they are needed again. */
export const MAX_TEXTS = 5000
/** Reading an index's definition locks its table as a query does; behind a migration the look must not wait for long. */
const LOCK_TIMEOUT_MS = 250
/** Between two inventories of settings and indexes: they change seldom, and reading them costs more than the rest. */
export const INVENTORY_EVERY = seconds(5)

const NOT_INSTALLED = 'the extension pg_stat_statements is not installed in this database'
/** Codes that mean: the extension is there but cannot be used (not preloaded, dropped, no privilege). */
const UNUSABLE = new Set(['55000', '42883', '42P01', '42501', '3F000'])

class WatchedDatabase implements DatabaseSource {
  private readonly options: DatabaseSourceOptions
  private readonly connection: HeldConnection
  private readonly counts = new StatementCounts()
  private readonly texts = new Map<string, string>()
  /** Of pg_stat_statements, as seen last; `off` says why its counts are not read. */
  private schema: string | null = null
  private off = NOT_INSTALLED
  private lastAt: number
  /** Connections that have the session's settings. */
  private readonly prepared = new WeakSet<pg.Client>()
  private inventoryDue = Number.NEGATIVE_INFINITY

  constructor(options: DatabaseSourceOptions) {
    this.options = options
    this.lastAt = options.clock.monotonic()
    this.connection = holdConnection({
      connectionString: options.connectionString,
      applicationName: WATCH_APPLICATION,
      settings: { default_transaction_read_only: 'on' },
      connectWithin: options.deadline ?? DEFAULT_DEADLINE,
      monotonic: () => options.clock.monotonic(),
    })
    this.connection.open()
  }

  async sample(signal: AbortSignal): Promise<DatabaseLook> {
    try {
      const deadline = this.options.deadline ?? DEFAULT_DEADLINE
      return await this.connection.use((client) => this.look(client), { signal, deadline })
    } catch (error) {
      return { sample: null, missing: [`database: ${messageOf(error)}`] }
    }
  }

  close(): Promise<void> {
    return this.connection.close()
  }

  private async look(client: pg.Client): Promise<DatabaseLook> {
    if (!this.prepared.has(client)) await this.prepare(client)
    const row = await this.tick(client)
    const statements = row.statements === null ? [] : await this.statements(client, row)
    const { clock } = this.options
    const now = clock.monotonic()
    const interval = ms(Math.max(1, now - this.lastAt))
    this.lastAt = now
    const at = clock.now()
    const { taken, missing } = await this.inventory(client, now)
    const builds = [...row.indexBuilds, ...(taken?.indexBuilds ?? [])]
    const sample: DatabaseSample = {
      at,
      interval,
      activity: row.activity.map((group) => ({ ...group, ...parseApplication(group.application) })),
      running: row.running.map(({ application, startedAt, age, ...statement }) => ({
        ...statement,
        ...parseApplication(application),
        startedAt: epochMs(startedAt),
        age: ms(age),
      })),
      statements,
      // A session builds one at a time; the later word on it counts.
      indexBuilds: [...new Map(builds.map((build) => [build.pid, build])).values()],
      connections: row.connections,
      inventory: taken?.inventory ?? null,
    }
    const off = row.statements === null ? [`statement statistics: ${this.off}`] : []
    return { sample, missing: [...off, ...missing] }
  }

  /** Not at the connect: these would then show as the defaults of sessions, which the inventory reads. */
  private async prepare(client: pg.Client): Promise<void> {
    const set = "set_config('jit', 'off', false), set_config('statement_timeout', $1, false)"
    await client.query(`select ${WATCH_MARK} ${set}, set_config('lock_timeout', $2, false)`, [
      String(this.options.deadline ?? DEFAULT_DEADLINE),
      String(LOCK_TIMEOUT_MS),
    ])
    this.prepared.add(client)
  }

  /** Null when it is not due yet, or with the reason when it cannot be had. */
  private async inventory(
    client: pg.Client,
    now: number,
  ): Promise<{ readonly taken: TakenInventory | null; readonly missing: readonly string[] }> {
    if (now < this.inventoryDue) return { taken: null, missing: [] }
    this.inventoryDue = now + INVENTORY_EVERY
    try {
      return { taken: await readInventory(client), missing: [] }
    } catch (error) {
      if (isUnreachable(error)) throw error
      return { taken: null, missing: [`settings and indexes: ${messageOf(error)}`] }
    }
  }

  /** Reads all, and once more without the statistics of statements when it is they that cannot be read. */
  private async tick(client: pg.Client): Promise<TickRow> {
    const row = await this.read(client, this.schema)
    if (row.extensionSchema === this.schema) return row
    // The extension came, or moved, since the last look.
    this.schema = row.extensionSchema
    if (this.schema === null) this.off = NOT_INSTALLED
    return this.read(client, this.schema)
  }

  private async read(client: pg.Client, schema: string | null): Promise<TickRow> {
    try {
      const { rows } = await client.query<TickRow>(tickQuery(schema))
      const [row] = rows
      if (row === undefined) throw new Error('the server gave no row')
      return row
    } catch (error) {
      if (schema === null || !UNUSABLE.has(codeOf(error))) throw error
      this.off = messageOf(error)
      return this.read(client, null)
    }
  }

  private async statements(client: pg.Client, row: TickRow): Promise<readonly StatementDelta[]> {
    const found = this.counts.increases(row.statements ?? [], row.statementsReset).slice(0, MAX_STATEMENTS)
    await this.learnTexts(client, found)
    return found.flatMap((increase) => {
      const query = this.texts.get(increase.queryId)
      // Our own, or pushed out of the view between the two reads.
      return query === undefined || query.includes(WATCH_MARK) ? [] : [{ ...increase, query }]
    })
  }

  /** Reading texts makes the server read its file of texts: done only for statements that are new. */
  private async learnTexts(client: pg.Client, found: readonly StatementIncrease[]): Promise<void> {
    const unknown = found.map(({ queryId }) => queryId).filter((id) => !this.texts.has(id))
    if (unknown.length === 0 || this.schema === null) return
    const { rows } = await client.query<{ queryId: string; query: string | null }>(textQuery(this.schema), [unknown])
    for (const { queryId, query } of rows) if (query !== null) this.texts.set(queryId, query)
    for (const id of this.texts.keys()) {
      if (this.texts.size <= MAX_TEXTS) break
      this.texts.delete(id)
    }
  }
}

/** Looks at one PostgreSQL server over one connection, which it holds so that a full server can still be looked at. */
export const createDatabaseSource = (options: DatabaseSourceOptions): DatabaseSource => new WatchedDatabase(options)
