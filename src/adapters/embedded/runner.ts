import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'

/** A user of /etc/passwd. initdb looks up its own name there, so a bare number will not do. */
export interface SystemUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/**
 * How a PostgreSQL program is started, which refuses to run as root.
 * - `plain`: as the user that this process has.
 * - `namespace`: in a user namespace in which this user goes by `user`'s number. Outside, files and processes stay
 *   this user's, so folders that only root may enter are no obstacle.
 * - `other-user`: as root, switched to `user`. Binaries and data must lie where that user can reach them.
 */
export type Runner =
  | { readonly kind: 'plain' }
  | { readonly kind: 'namespace'; readonly user: SystemUser }
  | { readonly kind: 'other-user'; readonly user: SystemUser }

/** What the choice of a runner depends on. */
export interface RunnerFacts {
  /** This process's effective user. */
  readonly uid: number
  /** False for a user without a name, as containers with an arbitrary uid have. */
  readonly hasName: boolean
  /** A user that may stand in, if the system knows any. */
  readonly user: SystemUser | undefined
  /** Whether a user namespace reaches the binaries and the data folder from here. */
  readonly canUnshare: boolean
}

/** Preferred stand-ins: users that own nothing. Others only when the system has none of these. */
const PREFERRED = ['nobody', 'daemon']

/** The gentlest way that works, or why there is none. Pure. */
export function chooseRunner(facts: RunnerFacts): Runner | { readonly kind: 'none'; readonly reason: string } {
  if (facts.uid !== 0 && facts.hasName) return { kind: 'plain' }
  if (facts.user === undefined) return { kind: 'none', reason: '/etc/passwd names no user other than root' }
  if (facts.canUnshare) return { kind: 'namespace', user: facts.user }
  if (facts.uid === 0) return { kind: 'other-user', user: facts.user }
  return { kind: 'none', reason: `user ${facts.uid} has no name and user namespaces are forbidden here` }
}

/** The user to stand in for root, from the text of /etc/passwd. */
export function standIn(passwd: string): SystemUser | undefined {
  const users = passwd.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':')
    if (name === undefined || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) return []
    return Number(uid) === 0 ? [] : [{ name, uid: Number(uid), gid: Number(gid) }]
  })
  return (
    PREFERRED.map((name) => users.find((user) => user.name === name)).find((user) => user !== undefined) ?? users[0]
  )
}

/** The owner that the data directory must have, as seen from this process; undefined to leave it as it is created. */
export function dataOwner(runner: Runner, uid: number): { readonly uid: number; readonly gid: number } | undefined {
  if (runner.kind === 'other-user') return { uid: runner.user.uid, gid: runner.user.gid }
  return uid === 0 ? { uid: 0, gid: 0 } : undefined
}

/** The command line that starts `program` by this runner. The pid of the process is `program`'s own in each case. */
export function commandFor(runner: Runner, program: string, args: readonly string[]): readonly [string, string[]] {
  if (runner.kind !== 'namespace') return [program, [...args]]
  const { uid, gid } = runner.user
  return ['unshare', ['--user', `--map-user=${uid}`, `--map-group=${gid}`, program, ...args]]
}

/** A program to start. */
export interface Run {
  readonly program: string
  readonly args: readonly string[]
  readonly stdio: SpawnOptions['stdio']
}

/**
 * Starts a program: in a process group of its own, which the terminal's Ctrl-C does not reach, with none of the PG*
 * variables that would change what it does, and from a folder that every user can enter.
 */
export function spawnBy(runner: Runner, run: Run): ChildProcess {
  const [command, args] = commandFor(runner, run.program, run.args)
  return spawn(command, args, {
    cwd: '/',
    detached: true,
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    stdio: run.stdio,
    ...(runner.kind === 'other-user' ? { uid: runner.user.uid, gid: runner.user.gid } : {}),
  })
}
