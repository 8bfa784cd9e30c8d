/**
 * One connection that only reads. Each question is a read-only transaction of its own, so that no lock, however light,
 * outlives the answer; its settings are the transaction's, so that a pooler in between may not carry them elsewhere.
 */
import type pg from 'pg'
import { type DurationMs, ms } from '../../../base/time.ts'
import type { MissingPart } from '../../../core/check/snapshot.ts'
import { codeOf, connect, destroy, disconnect, messageOf } from '../watched/client.ts'
import { cannotConnect, serverTooOld } from './problems.ts'

/** Oldest server whose catalogs are understood; `server_version_num`. */
const OLDEST_SERVER = 130_000
const CONNECT_WITHIN = ms(10_000)
const STATEMENT_TIMEOUT = ms(15_000)
/** No question waits longer behind somebody's DDL. */
const LOCK_TIMEOUT_MS = 1000
/** Beyond the statement's own timeout, for a server or a network that does not answer at all. */
const GRACE_MS = 5000
/** In every question, so that a snapshot leaves them out of the workload. */
const MARK = '/* premortem */'

/** Text forms that do not depend on who asks: whatever the role's or the server's settings are. */
const STEADY = {
  search_path: "''",
  datestyle: "'ISO, MDY'",
  intervalstyle: 'postgres',
  timezone: "'UTC'",
  bytea_output: 'hex',
  extra_float_digits: '1',
  quote_all_identifiers: 'off',
  standard_conforming_strings: 'on',
  row_security: 'on',
  jit: 'off',
  lock_timeout: `'${LOCK_TIMEOUT_MS}ms'`,
  idle_in_transaction_session_timeout: "'60s'",
}

/** Asks production. */
export interface Session {
  /** `server_version_num`. */
  readonly version: number
  /** The role that asks, quoted as SQL wants it. */
  readonly role: string
  /** What could not be read so far; questions add to it. */
  readonly missing: MissingPart[]
  /** @throws the driver's error, also when the answer takes longer than `timeout` (default 15 s) */
  ask<Row>(sql: string, options?: AskOptions): Promise<readonly Row[]>
  /** As `ask`; what the server refuses is noted in `missing` and gives null. */
  tryTo<Row>(question: Question): Promise<readonly Row[] | null>
}

/** How one question is asked. */
export interface AskOptions {
  readonly timeout?: DurationMs
  /** Further settings of the transaction. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A question that may be refused. */
export interface Question extends AskOptions {
  readonly sql: string
  readonly what: string
  readonly grant: string | null
}

class OpenSession implements Session {
  version = 0
  role = ''
  readonly missing: MissingPart[] = []
  private readonly client: pg.Client
  private readonly signal: AbortSignal

  constructor(client: pg.Client, signal: AbortSignal) {
    this.client = client
    this.signal = signal
  }

  async ask<Row>(sql: string, options: AskOptions = {}): Promise<readonly Row[]> {
    this.signal.throwIfAborted()
    const timeout = options.timeout ?? STATEMENT_TIMEOUT
    const settings = { ...STEADY, ...options.settings, statement_timeout: `'${timeout}ms'` }
    const set = Object.entries(settings).map(([name, value]) => `set local ${name} = ${value}`)
    const text = ['begin read only', ...set, sql.replace(/^\s*select/i, `select ${MARK}`), 'commit'].join(';\n')
    const timer = setTimeout(() => destroy(this.client), timeout + GRACE_MS)
    try {
      const results = (await this.client.query(text)) as unknown as readonly pg.QueryResult[]
      return (results.at(-2)?.rows ?? []) as readonly Row[]
    } catch (error) {
      this.signal.throwIfAborted()
      if (/^[0-9A-Z]{5}$/.test(codeOf(error))) await this.client.query('rollback')
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  async tryTo<Row>(question: Question): Promise<readonly Row[] | null> {
    try {
      return await this.ask<Row>(question.sql, question)
    } catch (error) {
      if (!isRefusal(error)) throw error
      this.missing.push({ what: question.what, why: messageOf(error), grant: question.grant })
      return null
    }
  }
}

/**
 * The server is there and said no to this one question: no permission, no such object, a lock or the time limit, or an
 * error of the question itself (a catalog that an extension or a fork changed).
 */
const isRefusal = (error: unknown): boolean => /^(42|55|0A|22|XX|57014|58|3F|40)/.test(codeOf(error))

/** Asks what is asked of everybody first: who are we, and how old is the server. */
async function introduce(session: OpenSession): Promise<void> {
  const [row] = await session.ask<{ version: string; role: string }>(
    "select current_setting('server_version_num') as version, quote_ident(current_user) as role",
  )
  session.version = Number(row?.version)
  session.role = row?.role ?? ''
  if (!(session.version >= OLDEST_SERVER)) throw serverTooOld(session.version)
}

/**
 * Opens the connection for the time of `work`. Aborting `signal` ends the connection at once.
 * @throws Problem `snapshot-cannot-connect`, `snapshot-server-too-old`; the reason of `signal`; what `work` throws
 */
export async function withReadOnlySession<T>(
  options: { readonly connectionString: string; readonly signal: AbortSignal },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  options.signal.throwIfAborted()
  const client = await open(options.connectionString)
  const stop = () => destroy(client)
  options.signal.addEventListener('abort', stop, { once: true })
  try {
    const session = new OpenSession(client, options.signal)
    await introduce(session)
    return await work(session)
  } catch (error) {
    options.signal.throwIfAborted()
    throw isConnectionError(error) ? cannotConnect(error, options.connectionString) : error
  } finally {
    options.signal.removeEventListener('abort', stop)
    await disconnect(client)
  }
}

const isConnectionError = (error: unknown): boolean =>
  /^(08|57P0|28|3D)/.test(codeOf(error)) || /^Connection terminated/.test(messageOf(error))

async function open(connectionString: string): Promise<pg.Client> {
  try {
    return await connect({
      connectionString,
      applicationName: 'premortem snapshot',
      settings: {},
      connectWithin: CONNECT_WITHIN,
    })
  } catch (error) {
    throw cannotConnect(error, connectionString)
  }
}
