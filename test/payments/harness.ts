/** Starts the reference system's services as processes of their own, on a real PostgreSQL with a little data. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { generate } from '../../examples/payments/data/generate.ts'
import { startEmbedded } from '../../src/adapters/embedded/server.ts'

const ROOT = new URL('../../examples/payments/', import.meta.url).pathname
const WAIT_MS = 20_000

/** Waits until `check` gives something, and gives that. Fails after 20 s. */
export async function eventually<T>(what: string, check: () => Promise<T | null | undefined | false>): Promise<T> {
  const deadline = performance.now() + WAIT_MS
  while (performance.now() < deadline) {
    const found = await check()
    if (found !== null && found !== undefined && found !== false) return found
    await delay(50)
  }
  throw new Error(`never came to pass: ${what}`)
}

export interface Database {
  readonly url: string
  query<Row extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>
  /** Holds a lock on the payments, so that statements on them wait, until the returned function is called. */
  lockPayments(): Promise<() => Promise<void>>
  stop(): Promise<void>
}

/** The statements of a release's migrations, one text per file, in order. */
export function migrationsOf(release: string): readonly string[] {
  const folder = join(ROOT, 'releases', release, 'migrations')
  return readdirSync(folder)
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8'))
}

/** The query text of a release's list of pending payments. */
export async function listQueryOf(release: string): Promise<string> {
  const { listPending } = await import(join(ROOT, 'releases', release, 'list-pending.ts'))
  let text = ''
  await listPending(async (sql: string) => {
    text = sql
    return []
  })
  return text
}

/** A server with release 2.3.0's schema and `rows` payments. */
export async function startDatabase(rows: number): Promise<Database> {
  const root = mkdtempSync(join(tmpdir(), 'premortem-payments-'))
  const settings = { fsync: 'off', shared_buffers: '64MB' }
  const server = await startEmbedded({ name: 'production', root, settings })
  const url = server.connectionString()
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  // A connection that the test itself makes the server break is reported by the query on it.
  pool.on('error', () => undefined)
  const stop = async () => {
    await pool.end()
    await server.stop('immediate')
    rmSync(root, { recursive: true, force: true })
  }
  try {
    for (const text of migrationsOf('2.3.0')) await pool.query(text)
    await generate({ connectionString: url, rows, until: new Date('2024-03-15T14:00:00Z') })
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url,
    stop,
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await pool.query<Row>(text, [...values])).rows,
    lockPayments: async () => {
      const client = await pool.connect()
      await client.query('BEGIN; LOCK TABLE payment_transactions IN ACCESS EXCLUSIVE MODE')
      return async () => {
        await client.query('ROLLBACK')
        client.release()
      }
    },
  }
}

interface LogLine {
  readonly level?: string
  readonly message?: string
  readonly [field: string]: unknown
}

export interface Service {
  readonly url: string
  readonly adminUrl: string
  readonly child: ChildProcess
  /** Everything it has logged so far. */
  readonly log: readonly LogLine[]
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>
  stop(): Promise<void>
}

interface Listening {
  readonly event?: string
  readonly url?: string
  readonly adminUrl?: string
}

const running = new Set<ChildProcess>()

/** Starts `main` (below examples/payments) and waits until it listens. Fails with what it wrote when it ends before. */
export async function startService(main: string, env: Record<string, string>): Promise<Service> {
  const { child, exited, errors, log, listening } = launch(main, env)
  const ready = await Promise.race([listening, exited.then(() => null)])
  if (ready?.url === undefined) throw new Error(`${main} did not start: ${errors.join('')}`)
  const stop = async () => {
    child.kill('SIGTERM')
    await exited
  }
  return { url: ready.url, adminUrl: ready.adminUrl ?? '', child, log, exited, stop }
}

/** Starts a process and reads what it says, whether it comes to listen or not. */
export function launch(main: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [join(ROOT, main)], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  running.add(child)
  child.stdin.on('error', () => undefined)
  const errors: string[] = []
  child.stderr.on('data', (chunk: Buffer) => errors.push(String(chunk)))
  const log: LogLine[] = []
  const listening = new Promise<Listening>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said: LogLine & Listening = JSON.parse(line)
      if (said.event === 'listening') resolve(said)
      else log.push(said)
    })
  })
  const exited = once(child, 'close').then(([code, signal]) => {
    running.delete(child)
    return { code, signal }
  })
  return { child, errors, log, listening, exited }
}

/** Ends whatever a failed test left. */
export async function stopAll(): Promise<void> {
  const left = [...running].map((child) => {
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    return closed
  })
  await Promise.all(left)
}

export const startGateway = (env: Record<string, string> = {}) =>
  startService('src/gateway/main.ts', { SERVICE: 'gateway', RELEASE: '1.0.0', ...env })

/** A replica of the payment-service. */
export const startPayments = (database: Database, release: string, env: Record<string, string> = {}) =>
  startService(`releases/${release}/main.ts`, {
    SERVICE: 'payment-service',
    RELEASE: release,
    DATABASE_URL: database.url,
    ...env,
  })

/** What the services answer, all of them; a test asks only for what its request gives. */
export interface Body {
  readonly error: string
  readonly status: string
  readonly orderId: number
  readonly paymentId: number
  readonly payment: { readonly paymentId: number; readonly status: string; readonly key: string }
  readonly count: number
  readonly payments: readonly { readonly id: number }[]
  readonly pending: number
  readonly processed: number
  readonly remaining: number
  readonly weights: readonly unknown[]
}

export interface Answer {
  readonly status: number
  readonly servedBy: string | null
  readonly retryAfter: string | null
  readonly body: Body
}

interface Call {
  readonly method?: string
  readonly key?: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

/** One request; the answer's body is read as JSON. */
export async function call(url: string, { method = 'GET', key, body, headers = {} }: Call = {}): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return {
    status: response.status,
    servedBy: response.headers.get('x-served-by'),
    retryAfter: response.headers.get('retry-after'),
    body: (await response.json()) as Body,
  }
}

/** Tells the gateway who serves. */
export async function route(
  gateway: Service,
  service: string,
  change: { readonly replicas?: readonly object[]; readonly weights?: readonly object[] },
): Promise<Answer> {
  return call(`${gateway.adminUrl}/services/${service}`, { method: 'PUT', body: change })
}

export const metricsOf = async (url: string): Promise<string> => (await fetch(`${url}/metrics`)).text()
