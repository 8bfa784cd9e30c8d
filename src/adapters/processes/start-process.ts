import { type ChildProcess, spawn } from 'node:child_process'
import { Problem } from '../../base/problem.ts'
import { type Clock, type DurationMs, ms, seconds } from '../../base/time.ts'
import { childEnvironment, type Environment } from './environment.ts'
import { createLineReader, type Listening, readListening } from './listening.ts'
import { type LogFile, openLogFile } from './log-file.ts'

/**
 * What to run. The program must print `{"event":"listening","url":"…"}` once it listens, answer `GET <url>/health`
 * (`<adminUrl>/health` when its line names an `adminUrl`) with 200 once it works, end on SIGTERM, and end when its standard input closes: that is how it learns that its owner is
 * gone, also when the owner was killed.
 */
export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Environment
  /** Default: ours. */
  readonly cwd?: string
}

/** What to run, under which name, and how patiently. */
export interface StartOptions extends Launch {
  /** For messages and the log's name: `gateway`, `payment-service@2.3.1-1`. */
  readonly name: string
  readonly logFolder: string
  readonly clock: Clock
  readonly signal: AbortSignal
  /** From the start to the first healthy answer. Default 20 s. */
  readonly healthyWithin?: DurationMs
  /** From SIGTERM to SIGKILL. Default 10 s. */
  readonly stopWithin?: DurationMs
}

/** How a process ended. Both null when it could not be started at all. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process that was healthy when it was handed out. */
export interface RunningProcess {
  readonly name: string
  readonly pid: number
  /** Base address, without a slash at its end. */
  readonly url: string
  /** The address of its health and controls, when it has one apart. */
  readonly adminUrl: string | null
  readonly logPath: string
  /** Resolves when it has ended, for whatever reason. Never rejects. */
  readonly exited: Promise<Exit>
  /** True while it has not ended. */
  alive(): boolean
  /**
   * SIGTERM, then SIGKILL to its whole group. Resolves when it is gone. Asking again is the same as asking once, but for a
   * shorter `within`: then the process has no longer than that from now on.
   * @param within from SIGTERM to SIGKILL; default: what it was started with
   */
  stop(within?: DurationMs): Promise<Exit>
}

export const DEFAULT_HEALTHY_WITHIN = seconds(20)
export const DEFAULT_STOP_WITHIN = seconds(10)
const HEALTH_PATH = '/health'
const HEALTH_EVERY = ms(50)
/** Of one health request. */
const HEALTH_TIMEOUT_MS = 2000
/** After the end of a process its output is read for at most so long. */
const DRAIN_WITHIN = seconds(1)

interface Spawned {
  readonly child: ChildProcess
  readonly log: LogFile
  readonly exited: Promise<Exit>
  /** Resolves with the addresses, once. */
  readonly listening: Promise<Listening>
}

function launch(options: StartOptions): Spawned {
  const log = openLogFile(`${options.logFolder}/${options.name}.log`)
  const child = spawn(options.command, [...options.args], {
    cwd: options.cwd,
    env: childEnvironment(process.env, options.env),
    stdio: ['pipe', 'pipe', 'pipe'],
    // Its own group: a terminal's Ctrl-C reaches us only, and we end it in order.
    detached: true,
  })
  // The pipe is for its end only; that the child closed it first is no fault.
  child.stdin?.on('error', () => undefined)
  const listening = new Promise<Listening>((resolve) => {
    const readLine = createLineReader((line) => {
      const said = readListening(line)
      if (said !== null) resolve(said)
    })
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      log.write(chunk)
      readLine(chunk)
    })
  })
  child.stderr?.on('data', (chunk: Buffer) => log.write(chunk))
  return { child, log, exited: watchExit(child, log, options.clock), listening }
}

/** Resolves when the process has ended, its group with it, and its last words are in the log. */
async function watchExit(child: ChildProcess, log: LogFile, clock: Clock): Promise<Exit> {
  const drained = new AbortController()
  child.once('close', () => drained.abort())
  const exit = await new Promise<Exit>((resolve) => {
    child.once('error', (error) => {
      log.write(`${error.message}\n`)
      if (child.pid === undefined) resolve({ code: null, signal: null })
    })
    child.once('exit', (code, signal) => {
      signalGroup(child, 'SIGKILL')
      resolve({ code, signal })
    })
  })
  if (child.pid !== undefined) await clock.sleep(DRAIN_WITHIN, drained.signal)
  await log.close()
  return exit
}

async function isHealthy(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(HEALTH_TIMEOUT_MS)])
    const response = await fetch(`${url}${HEALTH_PATH}`, { signal: limited })
    await response.body?.cancel()
    return response.status === 200
  } catch {
    // Not listening yet, or too busy to answer: asked again until the deadline, which then says so.
    return false
  }
}

/** The addresses once it is healthy; null when `signal` ended the wait first. */
async function waitHealthy(spawned: Spawned, clock: Clock, signal: AbortSignal): Promise<Listening | null> {
  const aborted = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null)
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
  const listening = await Promise.race([spawned.listening, aborted])
  while (listening !== null && !signal.aborted) {
    if (await isHealthy(listening.adminUrl ?? listening.url, signal)) return listening
    await clock.sleep(HEALTH_EVERY, signal)
  }
  return null
}

function describeExit({ code, signal }: Exit): string {
  if (signal !== null) return `it was ended by ${signal}`
  return code === null ? 'it could not be started' : `it exited with code ${code}`
}

function notHealthy(options: StartOptions, log: LogFile, how: string): Problem {
  const tail = log.tail()
  const said = tail.length === 0 ? 'It logged nothing.' : `Its last lines:\n${tail.join('\n')}`
  return new Problem({
    code: 'replica-not-healthy',
    what: `${options.name} did not become healthy: ${how}. ${said}`,
    where: log.path,
    remedy: 'Read the log, put right what it names, and start it again.',
    retriable: true,
  })
}

/** Sends to the whole group, so that what the process started itself goes too. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    // Already gone: what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function stopping(spawned: Spawned, options: Pick<StartOptions, 'clock' | 'stopWithin'>): RunningProcess['stop'] {
  const ended = new AbortController()
  spawned.exited.then(() => ended.abort())
  let asked = false
  return async (within = options.stopWithin ?? DEFAULT_STOP_WITHIN) => {
    // Its standard input stays open: that it closes means that we died, and ends it without grace.
    if (!asked) spawned.child.kill('SIGTERM')
    asked = true
    await options.clock.sleep(within, ended.signal)
    if (!ended.signal.aborted) signalGroup(spawned.child, 'SIGKILL')
    return spawned.exited
  }
}

/**
 * Starts a process and waits until it is healthy. Its output goes to `<logFolder>/<name>.log`.
 * @throws Problem `replica-not-healthy` when it ended or was not healthy in time; it is then gone.
 * @throws the reason of `signal` when that was aborted first; the process is then gone.
 */
export async function startProcess(options: StartOptions): Promise<RunningProcess> {
  const { name, clock, signal } = options
  signal.throwIfAborted()
  const within = options.healthyWithin ?? DEFAULT_HEALTHY_WITHIN
  const spawned = launch(options)
  const stop = stopping(spawned, options)
  let alive = true
  const exited = spawned.exited.finally(() => {
    alive = false
  })
  const waiting = new AbortController()
  const waitSignal = AbortSignal.any([signal, waiting.signal])
  const deadline = clock.sleep(within, waitSignal).then(() => waiting.abort())
  exited.then(() => waiting.abort())
  const listening = await waitHealthy(spawned, clock, waitSignal)
  waiting.abort()
  await deadline
  if (listening !== null && alive && spawned.child.pid !== undefined) {
    return { name, pid: spawned.child.pid, ...listening, logPath: spawned.log.path, exited, alive: () => alive, stop }
  }
  const diedBefore = !alive
  const exit = await stop()
  signal.throwIfAborted()
  throw notHealthy(options, spawned.log, diedBefore ? describeExit(exit) : `${within / 1000} s passed without it`)
}
