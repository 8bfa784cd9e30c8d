import type pg from 'pg'
import { type DurationMs, ms } from '../../../base/time.ts'
import type { DatabaseInspector } from '../../../core/diagnose/ports.ts'
import type { PlanNode } from '../../../core/postgres/plan-node.ts'
import { isUnreachable, messageOf } from './client.ts'
import { type HeldConnection, holdConnection } from './held-connection.ts'
import { type IndexState, readIndexes } from './indexes.ts'
import { WATCH_APPLICATION, WATCH_MARK } from './queries.ts'
import { explainable, maybeCut } from './statement-text.ts'

/** Which database, and how long one question may take. */
export interface InspectorOptions {
  /** The watched database, as a role that may read the tables of the statements. */
  readonly connectionString: string
  /** Of one question. Default 3 s. */
  readonly deadline?: DurationMs
}

/** A DatabaseInspector that holds a connection. */
export interface Inspector extends DatabaseInspector {
  close(): Promise<void>
}

const DEFAULT_DEADLINE = ms(3000)
/** EXPLAIN locks its tables as a query does; behind a lock that waits it must not add to the queue for long. */
const LOCK_TIMEOUT_MS = 500
/** EXPLAIN knows GENERIC_PLAN from here on. */
const GENERIC_PLAN_SINCE = 160_000

interface Server {
  readonly version: number
  readonly trackSize: number
}

interface Explained {
  readonly plan: PlanNode | null
  readonly reason: string | null
}

const unknown = (reason: string): Explained => ({ plan: null, reason })

class LiveInspector implements Inspector {
  private readonly connection: HeldConnection
  private readonly deadline: DurationMs

  constructor(options: InspectorOptions) {
    this.deadline = options.deadline ?? DEFAULT_DEADLINE
    this.connection = holdConnection({
      connectionString: options.connectionString,
      applicationName: WATCH_APPLICATION,
      settings: {
        default_transaction_read_only: 'on',
        statement_timeout: String(this.deadline),
        lock_timeout: String(LOCK_TIMEOUT_MS),
      },
      connectWithin: this.deadline,
      monotonic: () => performance.now(),
    })
    this.connection.open()
  }

  async explain(query: string, signal: AbortSignal): Promise<Explained> {
    const text = explainable(query)
    if (!text.ok) return unknown(text.reason)
    try {
      return await this.connection.use((client) => explainOn(client, { ...text, query }), {
        signal,
        deadline: this.deadline,
      })
    } catch (error) {
      return unknown(messageOf(error))
    }
  }

  /** @throws Error when the server does not answer */
  indexes(signal: AbortSignal): Promise<readonly IndexState[]> {
    return this.connection.use(readIndexes, { signal, deadline: this.deadline })
  }

  close(): Promise<void> {
    return this.connection.close()
  }
}

/** Neither changes without a restart, which ends the connection. */
const servers = new WeakMap<pg.Client, Server>()

async function serverOf(client: pg.Client): Promise<Server> {
  const known = servers.get(client)
  if (known !== undefined) return known
  const { rows } = await client.query<Server>(
    `select ${WATCH_MARK} current_setting('server_version_num')::int as version,
            pg_size_bytes(current_setting('track_activity_query_size'))::int as "trackSize"`,
  )
  const [server] = rows
  if (server === undefined) throw new Error('the server gave no row')
  servers.set(client, server)
  return server
}

type PlanRow = { readonly 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }

/**
 * The extended protocol takes one statement only: whatever the text holds, nothing can follow the EXPLAIN. But there the
 * planner would use the values of the parameters. So a text with parameters is first asked with no values, which proves
 * that the server takes it for one statement, and then in the simple protocol for its generic plan.
 */
async function planOf(client: pg.Client, sql: string, parameters: number): Promise<PlanNode | undefined> {
  const options = parameters > 0 ? 'GENERIC_PLAN, FORMAT JSON' : 'FORMAT JSON'
  const text = `EXPLAIN (${options}) ${WATCH_MARK} ${sql}`
  const question = { text, queryMode: 'extended', values: Array<null>(parameters).fill(null) }
  const checked = await client.query<PlanRow>(question)
  const { rows } = parameters > 0 ? await client.query<PlanRow>(text) : checked
  return rows[0]?.['QUERY PLAN'][0]?.Plan
}

async function explainOn(
  client: pg.Client,
  text: { readonly sql: string; readonly parameters: number; readonly query: string },
): Promise<Explained> {
  const { version, trackSize } = await serverOf(client)
  if (maybeCut(text.query, trackSize)) {
    return unknown(`the text may be cut off: it is as long as track_activity_query_size allows (${trackSize} bytes)`)
  }
  if (text.parameters > 0 && version < GENERIC_PLAN_SINCE) {
    return unknown('a statement with parameters can be planned from PostgreSQL 16 on')
  }
  try {
    const plan = await planOf(client, text.sql, text.parameters)
    return plan === undefined ? unknown('the server gave no plan') : { plan, reason: null }
  } catch (error) {
    if (isUnreachable(error)) throw error
    return unknown(messageOf(error))
  }
}

/**
 * Asks the watched database for plans and indexes, over one connection of its own that can only read. Plans come from
 * EXPLAIN, never ANALYZE: nothing of the application is run.
 */
export const createInspector = (options: InspectorOptions): Inspector => new LiveInspector(options)
