/** Looks at a repository: which files are there, nothing more. */
import { existsSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'

const MAX_DEPTH = 10
const MAX_FILES = 50_000
/** Upwards to the root of the repository. */
const MAX_LEVELS = 40
/** Enough of a file to tell what it is. */
const HEAD_BYTES = 16 * 1024
const SKIPPED = new Set(['node_modules', 'vendor', 'dist', 'build', 'target', 'coverage', 'venv', '__pycache__'])
/** Hidden folders that are looked into. */
const HIDDEN = new Set(['.github', '.gitlab'])

/** A repository as `premortem init` sees it. */
export interface Repository {
  /** Where premortem.yaml goes; absolute. */
  readonly folder: string
  /** The root of the repository, or `folder` without one; absolute. */
  readonly root: string
  readonly hasGit: boolean
  /** From `root` to `folder` with `/`; empty at the root. */
  readonly prefix: string
  /** Relative to `folder`, with `/`, by name. */
  readonly files: readonly string[]
  /** Relative to `root`: files of the root itself and of its `.github` and `.gitlab`. */
  readonly rootFiles: readonly string[]
  /** Folders that could not be read, and whether the looking ended early. */
  readonly remarks: readonly string[]
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown')

interface Walk {
  readonly from: string
  readonly files: string[]
  readonly remarks: string[]
  /** Only these folders directly below `from`; null: all. */
  readonly only: ReadonlySet<string> | null
}

async function walk(folder: string, depth: number, into: Walk): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    into.remarks.push(`${relative(into.from, folder) || '.'} cannot be read (${codeOf(error)})`)
    return []
  })
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (into.files.length >= MAX_FILES) return
    const path = join(folder, entry.name)
    if (entry.isFile()) into.files.push(relative(into.from, path).replaceAll('\\', '/'))
    else if (entry.isDirectory() && depth < MAX_DEPTH && wanted(entry.name, depth, into))
      await walk(path, depth + 1, into)
  }
}

function wanted(name: string, depth: number, { only }: Walk): boolean {
  if (only !== null && depth === 0) return only.has(name)
  return !SKIPPED.has(name) && (!name.startsWith('.') || HIDDEN.has(name))
}

function rootOf(folder: string): string | null {
  let at = folder
  for (let level = 0; level < MAX_LEVELS; level += 1) {
    // A file in worktrees and submodules.
    if (existsSync(join(at, '.git'))) return at
    if (dirname(at) === at) return null
    at = dirname(at)
  }
  return null
}

/** Lists the files of a folder and of the root of its repository; what cannot be read is a remark. */
export async function lookAt(cwd: string): Promise<Repository> {
  const folder = resolve(cwd)
  const git = rootOf(folder)
  const root = git ?? folder
  const here: Walk = { from: folder, files: [], remarks: [], only: null }
  await walk(folder, 0, here)
  const above: Walk = { from: root, files: [], remarks: [], only: HIDDEN }
  await walk(root, 0, above)
  const early =
    here.files.length >= MAX_FILES ? [`only the first ${MAX_FILES.toLocaleString('en')} files were looked at`] : []
  return {
    folder,
    root,
    hasGit: git !== null,
    prefix: relative(root, folder).replaceAll('\\', '/'),
    files: here.files,
    rootFiles: above.files,
    remarks: [...here.remarks, ...early],
  }
}

/** The beginning of a file; empty when it cannot be read. */
export async function headOf(path: string): Promise<string> {
  // A file that cannot be read tells nothing about the repository; nothing else depends on it.
  const file = await open(path, 'r').catch(() => null)
  if (file === null) return ''
  try {
    const buffer = Buffer.alloc(HEAD_BYTES)
    const { bytesRead } = await file.read(buffer, 0, HEAD_BYTES, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
