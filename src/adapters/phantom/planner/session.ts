/** A connection for planning and trying queries: it comes back when it is lost, and each query has its limit of time. */
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { Problem } from '../../../base/problem.ts'
import type { Snapshot } from '../../../core/check/snapshot.ts'
import { settingsOf } from '../../../core/check/variants/profile.ts'

/** Planning takes milliseconds; a query of a hundred joins some seconds. */
export const STATEMENT_LIMIT_MS = 15_000
/** On the client's side, for a server that does not answer. */
const ANSWER_LIMIT_MS = 60_000
const CONNECT_LIMIT_MS = 15_000
/** A server that keeps losing connections is broken: the rest of the queries say so. */
const MAX_RECONNECTS = 5
const RECONNECT_AFTER_MS = 200

/** Rows of one statement of a message; all values as text. */
export type TextRows = readonly Readonly<Record<string, string | null>>[]

/** Everything as text: plans are parsed and cut at once, and no value is turned into something else. */
const AS_TEXT = { getTypeParser: () => (text: string | Buffer) => text }
/** Plans do not depend on it, and compiling for EXPLAIN takes time. */
const OURS = `set jit = off; set statement_timeout = ${STATEMENT_LIMIT_MS}; set lock_timeout = 5000`

/** Not the fault of a query: planning the others would only say the same of each. */
const serverLost = (why: string): Problem =>
  new Problem({
    code: 'phantom-server-lost',
    what: `The PostgreSQL on which plans are made does not answer any more: ${why}.`,
    remedy: 'Run the check again; if it happens again, look at the end of server.log in .premortem/postgres/.',
    retriable: true,
  })

/** The connection is gone, as opposed to a statement that failed. */
export class ConnectionLost extends Error {
  constructor(cause: unknown) {
    super(`the connection was lost: ${cause instanceof Error ? cause.message : String(cause)}`)
    this.name = 'ConnectionLost'
  }
}

/** Connects when it is first used; one statement at a time. */
export class QuerySession {
  private readonly connectionString: string
  private readonly snapshot: Snapshot
  readonly signal: AbortSignal
  /** Ends the connection, and with it what runs on it. */
  private readonly stop = () => void this.drop()
  private client: pg.Client | null = null
  private connects = 0
  /** Which role's settings are set; undefined: none yet. */
  private role: string | null | undefined

  constructor(options: {
    readonly connectionString: string
    readonly snapshot: Snapshot
    readonly signal: AbortSignal
  }) {
    this.connectionString = options.connectionString
    this.snapshot = options.snapshot
    this.signal = options.signal
    this.signal.addEventListener('abort', this.stop, { once: true })
  }

  /** Settings of the role, where they are not set already. */
  async become(role: string | null): Promise<void> {
    if (this.client !== null && this.role === role) return
    await this.send('reset all')
    await this.send(OURS)
    for (const { name, value } of settingsOf(this.snapshot, role)) {
      try {
        await this.send(`select set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)}, false)`)
      } catch (error) {
        // A setting of an older version, or a configuration of full text search that is not here: the default is left.
        if (!(error instanceof pg.DatabaseError)) throw error
      }
    }
    this.role = role
  }

  /**
   * Sends statements in one message, which is one transaction: an error undoes all but PREPARE.
   * @throws pg.DatabaseError for a statement that fails, ConnectionLost when the connection broke,
   * Problem `phantom-server-lost` when that goes on
   */
  async send(sql: string): Promise<readonly TextRows[]> {
    this.signal.throwIfAborted()
    const client = this.client ?? (await this.connect())
    try {
      const result: unknown = await client.query(sql)
      const results = Array.isArray(result) ? result : [result]
      return results.map((one: { readonly rows: TextRows }) => one.rows)
    } catch (error) {
      if (error instanceof pg.DatabaseError && !isEnd(error)) throw error
      await this.drop()
      this.signal.throwIfAborted()
      throw new ConnectionLost(error)
    }
  }

  async close(): Promise<void> {
    this.signal.removeEventListener('abort', this.stop)
    await this.drop()
  }

  private async connect(): Promise<pg.Client> {
    if (this.connects > MAX_RECONNECTS) throw serverLost(`it lost ${MAX_RECONNECTS} connections`)
    if (this.connects > 0) await delay(RECONNECT_AFTER_MS)
    this.connects += 1
    const client = new pg.Client({
      connectionString: this.connectionString,
      types: AS_TEXT,
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
      query_timeout: ANSWER_LIMIT_MS,
    })
    // A connection lost between two statements is noticed by the next one.
    client.on('error', () => {
      if (this.client === client) this.client = null
    })
    this.role = undefined
    try {
      await client.connect()
    } catch (error) {
      await client.end()
      this.signal.throwIfAborted()
      if (this.connects > MAX_RECONNECTS) throw serverLost(String(error))
      throw new ConnectionLost(error)
    }
    this.client = client
    return client
  }

  private async drop(): Promise<void> {
    const { client } = this
    this.client = null
    if (client === null) return
    try {
      await client.end()
    } catch (error) {
      // It was lost already; there is nothing to end.
      if (!(error instanceof Error)) throw error
    }
  }
}

/** 57P01 to 57P03: the server goes down; 08…: the connection does; XX000 is an internal error and leaves it up. */
const isEnd = (error: pg.DatabaseError): boolean => /^(57P0[1-3]|08)/.test(error.code ?? '')
