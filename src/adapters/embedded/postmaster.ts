import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Binaries, program } from './binaries.ts'
import { type Guardian, startGuardian } from './guardian.ts'
import type { ServerLog } from './log.ts'
import { endServersOn } from './processes.ts'
import { type Runner, spawnBy } from './runner.ts'
import { errorCode, textOf, waitUntil } from './system.ts'

/** Recovery after a crash replays the write-ahead log first; that may take a while on a busy machine. */
const READY_TIMEOUT_MS = 60_000
/** A fast shutdown writes every changed page; this is for a slow disk after a large load. */
const FAST_STOP_MS = 30_000
const IMMEDIATE_STOP_MS = 10_000
const KILL_MS = 5_000

/** How a server ended. */
export interface PostmasterExit {
  /** True when this process asked for it. */
  readonly expected: boolean
  readonly code: number | null
  readonly signal: string | null
}

/** A running server that accepts connections. */
export interface Postmaster {
  readonly pid: number
  readonly exited: Promise<PostmasterExit>
  /** Ends the server; asking again does no harm, and `immediate` hurries a `fast` one under way. */
  stop(mode: 'fast' | 'immediate'): Promise<void>
}

/** What a server is started with; `port` and `settings` have been checked. */
export interface PostmasterRequest {
  readonly runner: Runner
  readonly binaries: Binaries
  readonly dataDirectory: string
  readonly port: number
  readonly settings: Readonly<Record<string, string>>
  readonly log: ServerLog
  readonly signal?: AbortSignal | undefined
}

/** Why a server did not become ready; the log's tail holds what it wrote. */
export type StartFailure =
  | { readonly kind: 'port-taken' }
  | { readonly kind: 'not-started'; readonly code: string | undefined; readonly message: string }
  | { readonly kind: 'ended' }
  | { readonly kind: 'not-ready'; readonly afterMs: number }

/**
 * Starts a server on a data directory that no process uses, and waits until it accepts connections. When it fails, or
 * the signal is aborted, nothing is left running.
 * @throws the signal's reason when aborted.
 */
export async function startPostmaster(request: PostmasterRequest): Promise<Postmaster | StartFailure> {
  const { dataDirectory, log, signal } = request
  // The caller has made sure that no server runs here: what this file says is of the past, whoever has its pid now.
  rmSync(join(dataDirectory, 'postmaster.pid'), { force: true })
  const child = spawnBy(request.runner, {
    program: program(request.binaries, 'postgres'),
    args: ['-D', dataDirectory, ...settingArguments(request)],
    stdio: ['ignore', log.fd, log.fd],
  })
  const pid = child.pid
  if (pid === undefined) {
    const [error] = (await once(child, 'error')) as [Error]
    return { kind: 'not-started', code: errorCode(error), message: error.message }
  }
  const postmaster = supervise(child, { pid, dataDirectory })
  const ended = () => child.exitCode !== null || child.signalCode !== null
  const isReady = () => ended() || saysReady(dataDirectory, pid)
  const inTime = await waitUntil(isReady, { timeoutMs: READY_TIMEOUT_MS, signal })
  if (inTime && !ended() && signal?.aborted !== true) return postmaster
  await postmaster.stop('immediate')
  signal?.throwIfAborted()
  if (!inTime) return { kind: 'not-ready', afterMs: READY_TIMEOUT_MS }
  return log.tail().includes('could not bind') ? { kind: 'port-taken' } : { kind: 'ended' }
}

/** The port and address come last, so that no other setting can turn them. */
const settingArguments = (request: PostmasterRequest): string[] => [
  ...Object.entries(request.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'logging_collector=off'],
  ...['-c', `port=${request.port}`],
]

/** The eighth line of `postmaster.pid` is the server's state; "ready" means that it accepts connections. */
function saysReady(dataDirectory: string, pid: number): boolean {
  const lines = textOf(join(dataDirectory, 'postmaster.pid'))?.split('\n')
  return lines?.[0] === String(pid) && lines[7]?.trim() === 'ready'
}

function supervise(child: ChildProcess, server: { readonly pid: number; readonly dataDirectory: string }): Postmaster {
  const guardian: Guardian = startGuardian(server)
  let asked = false
  const exited = new Promise<PostmasterExit>((resolve) => {
    child.once('exit', (code, signal) => {
      // The guardian stays until the server is gone: this process may be killed while it stops it.
      guardian.dismiss().then(() => resolve({ expected: asked, code, signal }))
    })
  })
  const endsWithin = async (timeoutMs: number): Promise<boolean> => {
    const timer = new AbortController()
    const late = delay(timeoutMs, false, { signal: timer.signal }).catch(() => false)
    const inTime = await Promise.race([exited.then(() => true), late])
    timer.abort()
    return inTime
  }
  const ways = {
    fast: { signal: 'SIGINT', timeoutMs: FAST_STOP_MS },
    immediate: { signal: 'SIGQUIT', timeoutMs: IMMEDIATE_STOP_MS },
    kill: { signal: 'SIGKILL', timeoutMs: KILL_MS },
  } as const
  const stop = async (mode: 'fast' | 'immediate'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) {
      await exited
      return
    }
    asked = true
    for (const way of mode === 'fast' ? [ways.fast, ways.immediate, ways.kill] : [ways.immediate, ways.kill]) {
      child.kill(way.signal)
      if (await endsWithin(way.timeoutMs)) break
    }
    // Backends outlive a postmaster that was killed by a moment; and one that survives even that is worth an error.
    if (child.exitCode === null) await endServersOn(server.dataDirectory)
  }
  return { pid: server.pid, exited, stop }
}
