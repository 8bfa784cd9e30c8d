import { createHash } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { type Binaries, program, shareBinaries } from './binaries.ts'
import { diskFull, noUnprivilegedWay } from './problems.ts'
import { endServersOn } from './processes.ts'
import { runToEnd } from './run.ts'
import { chooseRunner, type Runner, type SystemUser, standIn } from './runner.ts'
import { errorCode, ifThere, textOf } from './system.ts'

/** A program that only prints its version. */
const PROBE_TIMEOUT_MS = 10_000
/** In the name's own folder: says where its data lies, when that is elsewhere. */
const SHELTER_NOTE = 'data-lies-in'

/** How and where a server is run. */
export interface Place {
  readonly runner: Runner
  /** The binaries, or a copy that the runner's user can reach. */
  readonly binaries: Binaries
  /** The folder for the data directory: the given one, or one that the runner's user can reach. */
  readonly folder: string
}

/** What is known before it is decided how and where a server is run. */
export interface PlaceRequest {
  readonly binaries: Binaries
  /** The name's own folder; it exists. */
  readonly folder: string
  /** Use this way and no other. */
  readonly force?: Runner['kind'] | undefined
  readonly onProgress: (line: string) => void
  readonly signal?: AbortSignal | undefined
}

/**
 * Decides how the server is run and where its binaries and data lie, by trying: the runner must enter the data's
 * folder and run `postgres --version`.
 * @throws Problem `embedded-no-unprivileged-user` when there is no way.
 */
export async function findPlace(request: PlaceRequest): Promise<Place> {
  const { binaries, folder } = request
  const runner = await findRunner(request)
  if (runner.kind !== 'other-user') return { runner, binaries, folder }
  if (await works(runner, request, folder)) return { runner, binaries, folder }
  for (const parent of reachableParents()) {
    const shelter = claimShelter(parent, folder)
    if (shelter === undefined) continue
    await forgetUnknownData(request, shelter)
    const copy = shareBinaries(binaries, shelter)
    if (!(await works(runner, { ...request, binaries: copy }, shelter))) continue
    writeFileSync(join(folder, SHELTER_NOTE), shelter)
    request.onProgress(`running PostgreSQL as ${runner.user.name}, with its data in ${shelter}`)
    return { runner, binaries: copy, folder: shelter }
  }
  throw noUnprivilegedWay({ reason: `${runner.user.name} can reach no folder to run it in` })
}

async function findRunner(request: PlaceRequest): Promise<Runner> {
  const uid = process.geteuid?.() ?? -1
  const user = standIn(ifThere(() => readFileSync('/etc/passwd', 'utf8')) ?? '')
  const hasName = nameOfUser() !== undefined
  if (request.force !== undefined) return forced(request.force, user)
  const asked = user !== undefined && (uid === 0 || !hasName)
  const canUnshare = asked && (await works({ kind: 'namespace', user }, request, request.folder))
  const runner = chooseRunner({ uid, hasName, user, canUnshare })
  if (runner.kind === 'none') throw noUnprivilegedWay({ reason: runner.reason })
  return runner
}

function forced(kind: Runner['kind'], user: SystemUser | undefined): Runner {
  if (kind === 'plain') return { kind }
  if (user === undefined) throw noUnprivilegedWay({ reason: '/etc/passwd names no user other than root' })
  return { kind, user }
}

/** The name of this process's user; undefined when the system knows none. */
function nameOfUser(): string | undefined {
  try {
    return userInfo().username
  } catch (error) {
    if (errorCode(error) === 'ERR_SYSTEM_ERROR') return undefined
    throw error
  }
}

async function works(runner: Runner, request: PlaceRequest, folder: string): Promise<boolean> {
  const script = 'cd "$1" && exec "$2" --version'
  const args = ['-c', script, 'sh', folder, program(request.binaries, 'postgres')]
  const { signal } = request
  const finished = await runToEnd(runner, { program: '/bin/sh', args, timeoutMs: PROBE_TIMEOUT_MS, signal })
  return finished.code === 0
}

/** /var/tmp first: it is kept over a restart and lies on disk, where /tmp may be memory. */
const reachableParents = (): readonly string[] =>
  [...new Set(['/var/tmp', tmpdir()])].filter((path) => existsSync(path))

/**
 * A folder of root's own in a place open to all. Somebody may have made one of that name before: then it is not used,
 * as its owner could exchange what lies in it.
 */
function claimShelter(parent: string, folder: string): string | undefined {
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 16)
  const shelter = join(parent, `premortem-${hash}`)
  try {
    mkdirSync(shelter, { mode: 0o711 })
    chmodSync(shelter, 0o711)
    return shelter
  } catch (error) {
    if (errorCode(error) === 'ENOSPC') throw diskFull({ folder: parent })
    if (errorCode(error) !== 'EEXIST') return undefined
  }
  const found = lstatSync(shelter)
  return found.isDirectory() && found.uid === 0 && (found.mode & 0o022) === 0 ? shelter : undefined
}

/** Whoever deletes `.premortem` means the data too, also where it lies elsewhere. */
async function forgetUnknownData(request: PlaceRequest, shelter: string): Promise<void> {
  if (textOf(join(request.folder, SHELTER_NOTE)) === shelter) return
  await endServersOn(join(shelter, 'data'), request.signal)
  rmSync(join(shelter, 'data'), { recursive: true, force: true })
}
