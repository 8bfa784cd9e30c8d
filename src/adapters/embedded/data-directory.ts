import { randomBytes } from 'node:crypto'
import {
  accessSync,
  chownSync,
  constants,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Binaries, POSTGRES_MAJOR, program } from './binaries.ts'
import { diskFull, folderNotWritable, foreignBinaries, serverStartFailed, tellsOfFullDisk } from './problems.ts'
import { runToEnd } from './run.ts'
import { dataOwner, type Runner } from './runner.ts'
import { errorCode, namesIn, textOf } from './system.ts'

/** Raised when a data directory made by an older premortem must not be used any more. */
const FORMAT = 1
/** Lies inside the data directory, so that it appears together with it. Holds the password: mode 0600. */
const MARKER = 'premortem.json'
/** A new data directory takes 40 MB, its first write-ahead logs up to as much again, and the data shall fit as well. */
const NEEDED_BYTES = 256 * 1024 * 1024
const INITDB_TIMEOUT_MS = 60_000
/** The same on every machine: sorted by code point, messages in English, no dependence on the system's locales. */
const FIXED_FLAGS = [
  '--username=postgres',
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
]

/** What a data directory is to be, and who will run a server on it. */
export interface DataDirectoryRequest {
  /** The data directory is `<folder>/data`; temporary siblings lie beside it. */
  readonly folder: string
  readonly runner: Runner
  readonly binaries: Binaries
  readonly initdbFlags: readonly string[]
  readonly onProgress: (line: string) => void
  readonly signal?: AbortSignal | undefined
}

/** A data directory that a server can be started on. */
export interface DataDirectory {
  readonly path: string
  /** Of the superuser `postgres`. */
  readonly password: string
}

/**
 * The data directory of `folder`, made when it is missing. Only its owner may call this, with no server running on it.
 * It is made beside its place and renamed as the last step: a kill at any moment leaves none or a whole one. One that
 * does not fit (other format, other version, other initdb flags, or none of ours) is kept once, as `data.old`.
 * @throws Problem `disk-full`, `folder-not-writable`, `server-start-failed`, `embedded-unsupported-platform`
 */
export async function prepareDataDirectory(request: DataDirectoryRequest): Promise<DataDirectory> {
  const { folder } = request
  const path = join(folder, 'data')
  for (const name of namesIn(folder)) if (name.startsWith('data.new-')) removeTree(join(folder, name))
  requireReadable(path)
  const known = passwordOf(path, request.initdbFlags)
  if (known !== undefined) {
    giveTo(request.runner, path)
    return { path, password: known }
  }
  const password = randomBytes(18).toString('base64url')
  requireDiskSpace(folder)
  request.onProgress(`preparing a new PostgreSQL ${POSTGRES_MAJOR} data directory in ${folder}`)
  const fresh = join(folder, `data.new-${process.pid}-${randomBytes(4).toString('hex')}`)
  try {
    await initialise(request, { fresh, password })
    setAside(request, path)
    renameSync(fresh, path)
  } finally {
    removeTree(fresh)
  }
  return { path, password }
}

/** @throws Problem `disk-full` when fewer than `neededBytes` (default 256 MiB) are free where `folder` lies. */
export function requireDiskSpace(folder: string, neededBytes = NEEDED_BYTES): void {
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize < neededBytes) throw diskFull({ folder, availableBytes: bavail * bsize, neededBytes })
}

interface Marker {
  readonly format: number
  readonly initdbFlags: readonly string[]
  readonly password: string
}

/** What another user made (root, most often) is neither used nor replaced. */
function requireReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.X_OK)
  } catch (cause) {
    if (errorCode(cause) !== 'ENOENT') throw folderNotWritable({ folder: path, cause })
  }
}

/** The password of a data directory that fits, or undefined when there is none that does. */
function passwordOf(path: string, initdbFlags: readonly string[]): string | undefined {
  const marker = parseMarker(textOf(join(path, MARKER)))
  const fits =
    marker?.format === FORMAT &&
    textOf(join(path, 'PG_VERSION'))?.trim() === String(POSTGRES_MAJOR) &&
    JSON.stringify(marker.initdbFlags) === JSON.stringify(initdbFlags)
  return fits ? marker.password : undefined
}

function parseMarker(text: string | undefined): Partial<Marker> | undefined {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as Partial<Marker>
  } catch (error) {
    // Cut short by a crash of the machine: such a data directory is not to be trusted.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

async function initialise(
  request: DataDirectoryRequest,
  target: { readonly fresh: string; readonly password: string },
): Promise<void> {
  const { runner, initdbFlags } = request
  const passwordFile = `${target.fresh}.password`
  try {
    mkdirSync(target.fresh, { mode: 0o700 })
    writeFileSync(passwordFile, target.password, { mode: 0o600, flag: 'wx' })
    giveTo(runner, target.fresh)
    giveTo(runner, passwordFile)
    const finished = await runToEnd(runner, {
      program: program(request.binaries, 'initdb'),
      args: [`--pgdata=${target.fresh}`, `--pwfile=${passwordFile}`, ...FIXED_FLAGS, ...initdbFlags],
      timeoutMs: INITDB_TIMEOUT_MS,
      signal: request.signal,
    })
    if (finished.spawnError === 'ENOENT') throw foreignBinaries()
    if (tellsOfFullDisk(finished.output)) throw diskFull({ folder: request.folder })
    if (finished.code !== 0)
      throw serverStartFailed({ doing: 'preparing its data directory', lastLines: lastLines(finished.output) })
    const marker: Marker = { format: FORMAT, initdbFlags, password: target.password }
    writeFileSync(join(target.fresh, MARKER), JSON.stringify(marker), { mode: 0o600 })
    giveTo(runner, join(target.fresh, MARKER))
  } catch (error) {
    throw errorCode(error) === 'ENOSPC' ? diskFull({ folder: request.folder }) : error
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

function setAside(request: DataDirectoryRequest, path: string): void {
  if (!existsSync(path)) return
  const old = join(request.folder, 'data.old')
  request.onProgress(`the data directory ${path} does not fit this version or its flags: kept as ${old}`)
  removeTree(old)
  renameSync(path, old)
}

/** As root, gives a file or a whole tree to the user that the server will have; a no-op when it is theirs already. */
function giveTo(runner: Runner, path: string): void {
  const owner = dataOwner(runner, process.geteuid?.() ?? -1)
  if (owner === undefined || statSync(path).uid === owner.uid) return
  giveTree(path, owner)
}

function giveTree(path: string, owner: { readonly uid: number; readonly gid: number }): void {
  if (statSync(path).isDirectory()) for (const name of namesIn(path)) giveTree(join(path, name), owner)
  // The tree's top comes last: when this is interrupted, the next start sees the old owner there and begins again.
  chownSync(path, owner.uid, owner.gid)
}

function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  } catch (cause) {
    throw folderNotWritable({ folder: path, cause })
  }
}

/** The last lines of an output, as an error message quotes them. */
export const lastLines = (output: string, count = 20): string => output.trimEnd().split('\n').slice(-count).join('\n')
