import { spawnSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import { dataDirectoryInUse } from './problems.ts'
import { errorCode, ifThere, linkOf, namesIn, textOf, waitUntil } from './system.ts'

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks since boot on Linux, a date elsewhere: only ever compared for equality. */
  readonly startedAt: string
}

/** How long a server that lost its owner gets for each, gentler first, before the next signal. */
const ENDING = [
  { signal: 'SIGINT', timeoutMs: 10_000 },
  { signal: 'SIGQUIT', timeoutMs: 5_000 },
  { signal: 'SIGKILL', timeoutMs: 5_000 },
] as const

const ps = (pid: number, column: string): string | undefined => {
  const text = spawnSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).stdout
  return text?.trim() || undefined
}

/** When the process `pid` was started, or undefined when there is none (a zombie is none). */
function startOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return ps(pid, 'lstart')
  const stat = textOf(`/proc/${pid}/stat`)
  // The second field, the command in brackets, may itself hold spaces and brackets.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
}

/** Whether that very process still runs; a later one with its pid does not count. */
export const isAlive = (identity: ProcessIdentity): boolean => startOf(identity.pid) === identity.startedAt

/** The identity of the process that asks. */
export const thisProcess = (): ProcessIdentity => ({ pid: process.pid, startedAt: startOf(process.pid) ?? 'unknown' })

/** The command line of `pid` for a person to read, cut at 200 characters; undefined when there is no such process. */
export function commandOf(pid: number): string | undefined {
  const text =
    process.platform === 'linux' ? textOf(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim() : ps(pid, 'command')
  const named = text === '' ? textOf(`/proc/${pid}/comm`)?.trim() : text
  return named?.slice(0, 200)
}

/** The pid that `postmaster.pid` names, whether or not it is alive; undefined without such a file. */
function postmasterPid(dataDirectory: string): number | undefined {
  const pid = Number(textOf(join(dataDirectory, 'postmaster.pid'))?.split('\n')[0])
  return Number.isInteger(pid) && pid > 0 ? pid : undefined
}

/**
 * Every living PostgreSQL process on this data directory: the postmaster, and backends that outlived a killed one.
 * Told by what the process is (its program and working directory), never by `postmaster.pid` alone: that may be stale
 * and its pid may belong to somebody else by now.
 */
function serversOn(dataDirectory: string): readonly number[] {
  const directory = ifThere(() => realpathSync(dataDirectory))
  if (directory === undefined) return []
  const found = new Set<number>()
  if (process.platform === 'linux') {
    for (const entry of namesIn('/proc')) {
      if (!/^\d+$/.test(entry) || linkOf(`/proc/${entry}/cwd`) !== directory) continue
      if (basename(linkOf(`/proc/${entry}/exe`) ?? '').startsWith('postgres')) found.add(Number(entry))
    }
  }
  const named = postmasterPid(dataDirectory)
  const command = named === undefined || startOf(named) === undefined ? '' : (commandOf(named) ?? '')
  if (named !== undefined && command.includes('postgres') && command.includes(`-D ${dataDirectory}`)) found.add(named)
  return [...found]
}

/**
 * Ends what still runs on a data directory whose owner is gone: fast, then immediately, then by SIGKILL. Waits for it.
 * @returns the pids that it found.
 * @throws Problem `data-directory-in-use` when one belongs to another user or outlives even SIGKILL.
 */
export async function endServersOn(dataDirectory: string, signal?: AbortSignal): Promise<readonly number[]> {
  const found = serversOn(dataDirectory)
  for (const step of ENDING) {
    const left = serversOn(dataDirectory)
    const postmaster = postmasterPid(dataDirectory)
    const withPostmaster = postmaster !== undefined && left.includes(postmaster)
    // Backends without their postmaster know no fast shutdown.
    if (left.length === 0 || (step.signal === 'SIGINT' && !withPostmaster)) continue
    for (const pid of withPostmaster && step.signal !== 'SIGKILL' ? [postmaster] : left)
      send(pid, step.signal, dataDirectory)
    await waitUntil(() => serversOn(dataDirectory).length === 0, { timeoutMs: step.timeoutMs, everyMs: 30, signal })
    signal?.throwIfAborted()
  }
  const survivor = serversOn(dataDirectory)[0]
  if (survivor !== undefined)
    throw dataDirectoryInUse({ folder: dataDirectory, pid: survivor, command: commandOf(survivor) })
  return found
}

function send(pid: number, signal: NodeJS.Signals, dataDirectory: string): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return
    throw dataDirectoryInUse({ folder: dataDirectory, pid, command: commandOf(pid) })
  }
}
