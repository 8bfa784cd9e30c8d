/** The session in which a change runs: it never hangs, hears what PostgreSQL says about its work, and leaves nothing set. */
import pg from 'pg'
import type { Snapshot } from '../../../core/check/snapshot.ts'

/** A statement on empty tables that takes longer is stuck. */
export const STATEMENT_LIMIT_MS = 60_000
/** When the change itself switched statement_timeout off. */
const CANCEL_AFTER_MS = STATEMENT_LIMIT_MS + 15_000
/** Nobody else is on the database: whoever waits for a lock waits for itself. */
const LOCK_LIMIT_MS = 10_000
/** Messages of one statement that are kept; a table with thousands of partitions gives thousands. */
const MAX_MESSAGES = 20_000

/** PostgreSQL tells at this level what it rewrites, verifies and builds. */
const LISTEN = 'client_min_messages = debug1'

/** Runs SQL on a borrowed client, without parameters, as migration tools do. */
export class MigrationSession {
  private readonly client: pg.Client
  private readonly signal: AbortSignal
  private heard: string[] = []
  private readonly hear: (notice: { readonly message?: string | undefined }) => void
  private settingsBefore: readonly { readonly name: string; readonly setting: string }[] = []

  constructor(client: pg.Client, signal: AbortSignal) {
    this.client = client
    this.signal = signal
    this.hear = (notice) => {
      if (notice.message !== undefined && this.heard.length < MAX_MESSAGES) this.heard.push(notice.message)
    }
  }

  /** Settings as a session in production has them, with limits of our own. */
  async open(snapshot: Snapshot): Promise<void> {
    this.client.on('notice', this.hear)
    const kept = await this.rows<{ name: string; setting: string }>(
      "select name, setting from pg_settings where source = 'session' and context in ('user', 'superuser')",
    )
    this.settingsBefore = kept
    await this.begin(snapshot)
  }

  /** As a new session: what a file sets holds until its end. */
  async begin(snapshot: Snapshot): Promise<void> {
    const path = searchPathOf(snapshot)
    await this.send('discard all')
    await this.send(
      `set statement_timeout = ${STATEMENT_LIMIT_MS}; set lock_timeout = ${LOCK_LIMIT_MS}${
        path === null ? '' : `; select set_config('search_path', ${pg.escapeLiteral(path)}, false)`
      }`,
    )
  }

  /** The client as it was: settings, role, prepared statements, temporary tables, advisory locks. */
  async close(): Promise<void> {
    this.client.off('notice', this.hear)
    await this.client.query('rollback')
    const again = this.settingsBefore.map(
      ({ name, setting }) => `select set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(setting)}, false)`,
    )
    await this.client.query('discard all')
    if (again.length > 0) await this.client.query(again.join(';'))
  }

  /** Runs a statement and gives what PostgreSQL said meanwhile. @throws the database's error */
  async tell(sql: string): Promise<readonly string[]> {
    await this.send(`set ${LISTEN}`)
    this.heard = []
    await this.send(sql)
    return this.heard
  }

  async rows<Row extends pg.QueryResultRow>(sql: string): Promise<readonly Row[]> {
    const result = await this.client.query<Row>(sql)
    return result.rows
  }

  /** Runs SQL that ends by itself, or because it takes too long, or because the signal was aborted. */
  async send(sql: string): Promise<void> {
    this.signal.throwIfAborted()
    // The server may go down before the word arrives, and takes the statement with it.
    const stop = () => void this.cancel().catch(() => undefined)
    const timer = setTimeout(stop, CANCEL_AFTER_MS)
    this.signal.addEventListener('abort', stop, { once: true })
    try {
      await this.client.query(sql)
    } finally {
      clearTimeout(timer)
      this.signal.removeEventListener('abort', stop)
    }
    this.signal.throwIfAborted()
  }

  /** The connection is busy, so the word comes through another one. If that fails too, statement_timeout is left. */
  private async cancel(): Promise<void> {
    const { host, port, user, password, database } = this.client
    const other = new pg.Client({ host, port, user, password, database, connectionTimeoutMillis: 5000 })
    other.on('error', () => undefined)
    const pid = 'processID' in this.client ? this.client.processID : null
    try {
      await other.connect()
      await other.query('select pg_cancel_backend($1)', [pid])
    } finally {
      await other.end()
    }
  }
}

/** What `ALTER DATABASE … SET search_path` says in production, or the server's own; null: PostgreSQL's default. */
function searchPathOf(snapshot: Snapshot): string | null {
  const own = snapshot.overrides.filter(({ role, inDatabase }) => role === null && inDatabase)
  const all = [...snapshot.settings, ...own.flatMap(({ settings }) => settings)]
  return all.findLast(({ name }) => name === 'search_path')?.value ?? null
}
