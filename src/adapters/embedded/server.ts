import { accessSync, constants, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Problem } from '../../base/problem.ts'
import { type Binaries, findBinaries, POSTGRES_MAJOR } from './binaries.ts'
import { type DataDirectory, lastLines, prepareDataDirectory } from './data-directory.ts'
import { openLog } from './log.ts'
import { type Ownership, takeOwnership } from './ownership.ts'
import { findPlace } from './place.ts'
import { holderOfPort, isFree, onFreePort } from './port.ts'
import { type Postmaster, type PostmasterExit, type StartFailure, startPostmaster } from './postmaster.ts'
import {
  diskFull,
  folderNotWritable,
  foreignBinaries,
  portBusy,
  serverStartFailed,
  tellsOfFullDisk,
} from './problems.ts'
import { endServersOn } from './processes.ts'
import type { Runner } from './runner.ts'
import { errorCode } from './system.ts'

const NAME = /^[a-z][a-z0-9-]{0,39}$/
const SETTING_NAME = /^[a-z_][a-z0-9_.]*$/
/** The address that the server is handed out with: not for a setting to change. */
const FIXED_SETTINGS = ['port', 'listen_addresses', 'unix_socket_directories', 'logging_collector', 'data_directory']
const DEFAULT_SETTINGS = {
  shared_preload_libraries: 'pg_stat_statements,auto_explain',
  compute_query_id: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
}

/** Which server to start, and how. */
export interface EmbeddedOptions {
  /** Lower-case letters, digits and hyphens, at most 40: `production`, `ledger`. Its files lie in `<root>/postgres/<name>-18/`. */
  readonly name: string
  /** The `.premortem` folder; made when missing. */
  readonly root: string
  /** 1024 to 65535. Default: a free one. */
  readonly port?: number
  /** Settings as in postgresql.conf, over the defaults (pg_stat_statements and auto_explain loaded, UTC). */
  readonly settings?: Readonly<Record<string, string>>
  /** Further flags of initdb, such as `--no-data-checksums`. A data directory made with others is set aside. */
  readonly initdbFlags?: readonly string[]
  /** How the server's processes are started. Default: the gentlest way that works. */
  readonly runner?: Runner['kind']
  /** One line of what is being done, for a person to read. */
  readonly onProgress?: (line: string) => void
  /** Ends the start, not the started server: nothing is left running, and the start rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/** A server that accepts connections on 127.0.0.1 until it is stopped or its owner is gone. */
export interface EmbeddedServer {
  readonly name: string
  readonly host: '127.0.0.1'
  readonly port: number
  /** Of the postmaster. */
  readonly pid: number
  readonly dataDirectory: string
  readonly logFile: string
  /**
   * For the superuser `postgres`. Holds the password, so it must not be logged.
   * @param database default: `postgres`
   */
  connectionString(database?: string): string
  /**
   * Ends the server and waits for it. `fast` (the default) ends sessions and writes everything, `immediate` leaves it
   * to recovery at the next start. May be called again, at any time.
   */
  stop(mode?: 'fast' | 'immediate'): Promise<void>
  /** Resolves when the server's process ends, with whether it was asked to. Never rejects. */
  readonly exited: Promise<PostmasterExit>
}

/**
 * Starts PostgreSQL 18 on 127.0.0.1, on data that is kept in `<root>/postgres/<name>-18/` from start to start. The
 * server ends with this process, however that goes: a server that lost its owner is ended by its guardian within
 * seconds, and by the next start at the latest.
 * @throws Problem `data-directory-in-use`, `port-busy`, `folder-not-writable`, `disk-full`, `server-start-failed`,
 * `embedded-setting-refused`, `embedded-unsupported-platform`, `embedded-no-unprivileged-user`
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  validate(options)
  options.signal?.throwIfAborted()
  const folder = ownFolder(options)
  const binaries = findBinaries()
  if (options.port !== undefined) await requirePort(options.port)
  let ownership: Ownership | undefined
  try {
    ownership = takeOwnership(folder)
    const server = await startOwned(options, { folder, binaries })
    server.exited.then(ownership.release)
    return server
  } catch (error) {
    ownership?.release()
    throw errorCode(error) === 'ENOSPC' ? diskFull({ folder }) : error
  }
}

async function startOwned(
  options: EmbeddedOptions,
  own: { readonly folder: string; readonly binaries: Binaries },
): Promise<EmbeddedServer> {
  const { signal, onProgress = () => undefined } = options
  const place = await findPlace({ ...own, force: options.runner, onProgress, signal })
  const ended = await endServersOn(join(place.folder, 'data'), signal)
  if (ended.length > 0) onProgress(`ended a PostgreSQL that had lost its owner (process ${ended.join(', ')})`)
  const data = await prepareDataDirectory({ ...place, initdbFlags: options.initdbFlags ?? [], onProgress, signal })
  const logFile = join(own.folder, 'server.log')
  const settings = { ...DEFAULT_SETTINGS, ...options.settings }
  const use = async (port: number): Promise<Attempt> => {
    const log = openLog(logFile)
    try {
      const started = await startPostmaster({ ...place, dataDirectory: data.path, port, settings, log, signal })
      return 'kind' in started ? { failure: started, output: log.tail() } : { postmaster: started }
    } finally {
      log.close()
    }
  }
  const lostRace = (attempt: Attempt) => 'failure' in attempt && attempt.failure.kind === 'port-taken'
  const { port, answer } =
    options.port === undefined
      ? await onFreePort(use, lostRace)
      : { port: options.port, answer: await use(options.port) }
  if ('failure' in answer) throw startProblem(answer, { port, logFile })
  return describe(answer.postmaster, { options, port, data, logFile })
}

type Failed = { readonly failure: StartFailure; readonly output: string }
type Attempt = Failed | { readonly postmaster: Postmaster }

function describe(
  postmaster: Postmaster,
  facts: {
    readonly options: EmbeddedOptions
    readonly port: number
    readonly data: DataDirectory
    readonly logFile: string
  },
): EmbeddedServer {
  const { port, data } = facts
  return {
    name: facts.options.name,
    host: '127.0.0.1',
    port,
    pid: postmaster.pid,
    dataDirectory: data.path,
    logFile: facts.logFile,
    connectionString: (database = 'postgres') =>
      `postgres://postgres:${data.password}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    stop: (mode = 'fast') => postmaster.stop(mode),
    exited: postmaster.exited,
  }
}

function startProblem(failed: Failed, facts: { readonly port: number; readonly logFile: string }): Problem {
  const { failure, output } = failed
  const { port, logFile } = facts
  if (failure.kind === 'port-taken') return portBusy({ port, holder: holderOfPort(port) })
  if (tellsOfFullDisk(output)) return diskFull({ folder: dirname(logFile) })
  if (failure.kind === 'not-started')
    return failure.code === 'ENOENT'
      ? foreignBinaries()
      : serverStartFailed({ doing: 'starting', lastLines: failure.message })
  const doing = failure.kind === 'ended' ? 'starting' : `getting ready for ${failure.afterMs / 1000} s`
  return serverStartFailed({ doing, logFile, lastLines: lastLines(output) })
}

function ownFolder(options: EmbeddedOptions): string {
  const folder = join(resolve(options.root), 'postgres', `${options.name}-${POSTGRES_MAJOR}`)
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK | constants.X_OK)
    return folder
  } catch (cause) {
    throw errorCode(cause) === 'ENOSPC' ? diskFull({ folder }) : folderNotWritable({ folder, cause })
  }
}

async function requirePort(port: number): Promise<void> {
  if (!(await isFree(port))) throw portBusy({ port, holder: holderOfPort(port) })
}

function validate(options: EmbeddedOptions): void {
  if (!NAME.test(options.name)) throw new RangeError(`not a name for an embedded server: ${options.name}`)
  const { port } = options
  if (port !== undefined && !(Number.isInteger(port) && port >= 1024 && port <= 65_535))
    throw refused(`Port ${port} cannot be used`, 'Give a port from 1024 to 65535, or none: a free one is then chosen.')
  for (const name of Object.keys(options.settings ?? {})) {
    if (FIXED_SETTINGS.includes(name) || !SETTING_NAME.test(name))
      throw refused(`The setting "${name}" cannot be given to the embedded PostgreSQL`, 'Leave this setting out.')
  }
}

const refused = (what: string, remedy: string): Problem =>
  new Problem({ code: 'embedded-setting-refused', what: `${what}.`, remedy })
