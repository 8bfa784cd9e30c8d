/** Data directories for phantoms: each has its own, made from a template, gone when it is closed or its process is. */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { findBinaries, POSTGRES_MAJOR } from '../../adapters/embedded/binaries.ts'
import { diskFull, folderNotWritable } from '../../adapters/embedded/problems.ts'
import { endServersOn, isAlive, thisProcess } from '../../adapters/embedded/processes.ts'
import { type EmbeddedServer, startEmbedded } from '../../adapters/embedded/server.ts'
import type { PhantomHome } from '../../adapters/phantom/phantom.ts'

const INITDB_FLAGS = ['--no-data-checksums', '--wal-segsize=1', '--no-sync']
const HOME_NAME = /^phantom-[0-9a-f]{12}$/
/** Says which process a home belongs to. */
const OWNER_FILE = 'phantom-owner.json'
/** A home without an owner's name is one that is just being made, unless it is older than this. */
const UNOWNED_MS = 60_000

/**
 * @param folder the `.premortem` folder; made when missing
 * @throws Problem `folder-not-writable`, `disk-full`
 */
export async function openHome(folder: string, signal: AbortSignal): Promise<PhantomHome> {
  const root = resolve(folder)
  const name = `phantom-${randomBytes(6).toString('hex')}`
  const own = join(root, 'postgres', `${name}-${POSTGRES_MAJOR}`)
  inFolder(root, () => mkdirSync(join(root, 'postgres'), { recursive: true }))
  await removeAbandoned(root, signal)
  inFolder(root, () => {
    mkdirSync(own)
    writeFileSync(join(own, OWNER_FILE), JSON.stringify(thisProcess()))
  })
  let server: EmbeddedServer | undefined
  const start: PhantomHome['start'] = async (settings, signal) => {
    inFolder(root, () => useTemplate(root, own))
    const begin = () => startEmbedded({ name, root, settings, initdbFlags: INITDB_FLAGS, signal })
    server = await begin()
    if (!existsSync(templateOf(root))) {
      await server.stop('fast')
      const { dataDirectory } = server
      inFolder(root, () => keepTemplate(root, dataDirectory))
      server = await begin()
    }
    const { dataDirectory, connectionString } = server
    // Nothing of it will be read again, so nothing need be written.
    return { dataDirectory, connectionString, stop: async () => server?.stop('immediate') }
  }
  const remove = async () => {
    await server?.stop('immediate')
    const place = server === undefined ? own : dirname(server.dataDirectory)
    for (const path of new Set([place, own])) rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  }
  return { start, remove }
}

/** What the operating system refuses in the folder, as a person can act on it. */
function inFolder<T>(folder: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === undefined) throw cause
    throw code === 'ENOSPC' ? diskFull({ folder }) : folderNotWritable({ folder, cause })
  }
}

/** An initialised data directory of this very version, kept to be copied: making one takes seconds. */
const templateOf = (root: string): string => join(root, 'postgres', `phantom-template-${findBinaries().version}`)

function useTemplate(root: string, folder: string): void {
  if (!existsSync(templateOf(root))) return
  const draft = join(folder, 'data.copy')
  cpSync(templateOf(root), draft, { recursive: true })
  // The copy of a folder gets the mode of a new one; PostgreSQL insists on its own.
  chmodSync(draft, 0o700)
  renameSync(draft, join(folder, 'data'))
}

/** Another check may be doing the same: whoever is second finds the template there, and lets it be. */
function keepTemplate(root: string, dataDirectory: string): void {
  const draft = `${templateOf(root)}.${randomBytes(6).toString('hex')}`
  try {
    cpSync(dataDirectory, draft, { recursive: true })
    if (!existsSync(templateOf(root))) renameSync(draft, templateOf(root))
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** What a check that was killed has left. */
async function removeAbandoned(root: string, signal: AbortSignal): Promise<void> {
  const postgres = join(root, 'postgres')
  for (const name of readdirSync(postgres)) {
    const suffix = `-${POSTGRES_MAJOR}`
    if (!name.endsWith(suffix) || !HOME_NAME.test(name.slice(0, -suffix.length))) continue
    const folder = join(postgres, name)
    if (!isAbandoned(folder)) continue
    await endServersOn(join(folder, 'data'), signal)
    inFolder(folder, () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  }
}

function isAbandoned(folder: string): boolean {
  const owner = ownerOf(join(folder, OWNER_FILE))
  if (owner !== null) return !isAlive(owner)
  return existsSync(folder) && Date.now() - statSync(folder).mtimeMs > UNOWNED_MS
}

/** Null when nothing says it: whoever made the folder was killed before or while writing its name there. */
function ownerOf(file: string): ReturnType<typeof thisProcess> | null {
  if (!existsSync(file)) return null
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof thisProcess>
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
