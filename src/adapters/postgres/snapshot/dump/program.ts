/** pg_dump as a program: which one, and what it printed. The address and the password reach it through its environment only. */
import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import pg from 'pg'

/** It holds a light lock on every table while it runs, behind which an ALTER TABLE waits. */
const DUMP_WITHIN_MS = 30_000
const VERSION_WITHIN_MS = 5000
const LOCK_TIMEOUT_MS = 1000
/** A longer schema is read from the catalogs. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024
/** Programs of that name on the PATH that are looked at. */
const MAX_PROGRAMS = 8
const MAX_REASON = 300

const ARGUMENTS = [
  '--schema-only',
  '--no-owner',
  '--no-privileges',
  '--no-publications',
  '--no-subscriptions',
  '--no-security-labels',
  '--no-password',
  '--encoding=UTF8',
  `--lock-wait-timeout=${LOCK_TIMEOUT_MS}`,
]

/** Of ours; the rest of our environment is none of its business. */
const PASSED_ON = ['PATH', 'HOME', 'PGPASSFILE', 'PGSSLMODE', 'PGSSLROOTCERT', 'PGSSLCERT', 'PGSSLKEY']
/** What an address may say about TLS, and libpq's variable for it. */
const TLS = { sslmode: 'PGSSLMODE', sslrootcert: 'PGSSLROOTCERT', sslcert: 'PGSSLCERT', sslkey: 'PGSSLKEY' }

/** Printed text, or why there is none. */
export type Printed = { readonly text: string } | { readonly why: string }

/** Where to look, for whom. */
export interface DumpRequest {
  readonly connectionString: string
  /** `server_version_num`. */
  readonly version: number
  readonly signal: AbortSignal
  /** Default: the first on the PATH that is new enough. */
  readonly program?: string
  /** How long it may run, in milliseconds. Default 30,000. */
  readonly within?: number
  /** How much it may print. Default 64 MB. */
  readonly maxBytes?: number
}

function tlsOf(connectionString: string): Record<string, string> {
  if (!URL.canParse(connectionString)) return {}
  const given = new URL(connectionString).searchParams
  const found = Object.entries(TLS).flatMap(([name, variable]) => {
    const value = given.get(name)
    // `no-verify` is the Node driver's word for TLS without a check, which is what libpq's `require` means.
    return value === null ? [] : [[variable, value === 'no-verify' ? 'require' : value]]
  })
  return Object.fromEntries(found)
}

/** The connection as the driver understands the address, in libpq's variables. */
export function dumpEnvironment(connectionString: string, ours: NodeJS.ProcessEnv): Record<string, string> {
  const { host, port, user, password, database } = new pg.Client({ connectionString })
  const passed = PASSED_ON.flatMap((name) => (ours[name] === undefined ? [] : [[name, ours[name]]]))
  return {
    ...Object.fromEntries(passed),
    ...tlsOf(connectionString),
    PGHOST: host,
    PGPORT: String(port),
    ...(user === undefined ? {} : { PGUSER: user }),
    ...(typeof password === 'string' ? { PGPASSWORD: password } : {}),
    ...(database === undefined ? {} : { PGDATABASE: database }),
    PGAPPNAME: 'premortem snapshot',
    PGCONNECT_TIMEOUT: '10',
    LC_ALL: 'C',
  }
}

/** How a program is run. */
interface Run {
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  readonly within: number
  readonly maxBytes: number
}

const reasonOf = (error: Error & { code?: unknown; killed?: boolean }, stderr: string, run: Run): string => {
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `it printed more than ${run.maxBytes} bytes`
  if (error.killed === true) return `it took longer than ${run.within / 1000} s`
  const said = stderr.trim().split('\n')[0] ?? ''
  return (said === '' ? `it ended with ${String(error.code)}` : said).slice(0, MAX_REASON)
}

/** Killed at the deadline, when it prints too much, and when `signal` aborts. @throws the reason of `signal` */
function run(program: string, how: Run): Promise<Printed> {
  const { args, env, signal, within, maxBytes } = how
  return new Promise((resolve, reject) => {
    const options = { env, signal, timeout: within, maxBuffer: maxBytes, killSignal: 'SIGKILL' as const }
    const child = execFile(program, [...args], options, (error, stdout, stderr) => {
      if (signal.aborted) reject(signal.reason)
      else resolve(error === null ? { text: stdout } : { why: reasonOf(error, stderr, how) })
    })
    child.stdin?.end()
  })
}

async function programs(request: DumpRequest): Promise<readonly string[]> {
  if (request.program !== undefined) return [request.program]
  const folders = [...new Set((process.env.PATH ?? '').split(delimiter))].filter((folder) => folder !== '')
  const found: string[] = []
  for (const folder of folders) {
    const path = join(folder, process.platform === 'win32' ? 'pg_dump.exe' : 'pg_dump')
    const there = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (there && found.length < MAX_PROGRAMS) found.push(path)
  }
  return found
}

/** Runs the first pg_dump that is as new as the server. @throws the reason of `signal` */
export async function printSchema(request: DumpRequest): Promise<Printed> {
  const { connectionString, version, signal, within = DUMP_WITHIN_MS, maxBytes = MAX_OUTPUT_BYTES } = request
  const wanted = Math.floor(version / 10_000)
  const limits = { signal, env: dumpEnvironment(connectionString, process.env), maxBytes }
  const refused: string[] = []
  for (const program of await programs(request)) {
    const told = await run(program, { ...limits, args: ['--version'], within: VERSION_WITHIN_MS })
    const major = 'text' in told ? /\(PostgreSQL\)\s+(\d+)/.exec(told.text)?.[1] : undefined
    if (Number(major) >= wanted) return run(program, { ...limits, args: ARGUMENTS, within })
    refused.push(
      'why' in told ? `${program}: ${told.why}` : `${program} is of ${major ?? 'no known version'}, not ${wanted}`,
    )
  }
  return { why: refused.length === 0 ? 'there is none on the PATH' : refused.join('; ') }
}
