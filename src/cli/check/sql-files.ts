import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileNotReadable, tooManyFiles } from './migration-problems.ts'

const MAX_DEPTH = 12
/** Never hold migrations of the project itself. */
const SKIPPED = new Set(['node_modules', 'vendor', 'dist', 'build', 'target'])

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')

/**
 * A file itself, or all `.sql` files below a folder by name; null when nothing is there. Links to folders are not followed.
 * @throws Problem `file-not-readable`, `too-many-files`
 */
export async function sqlFilesUnder(
  path: string,
  of: { readonly shown: string; readonly most: number },
): Promise<readonly string[] | null> {
  try {
    if (!(await stat(path)).isDirectory()) return [path]
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return null
    throw fileNotReadable(of.shown, error instanceof Error ? error.message : String(error))
  }
  const found: string[] = []
  await walk(path, { found, depth: 0, ...of })
  return found.sort()
}

async function walk(
  folder: string,
  of: { found: string[]; depth: number; readonly shown: string; readonly most: number },
): Promise<void> {
  if (of.depth > MAX_DEPTH) return
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw fileNotReadable(folder, error instanceof Error ? error.message : String(error))
  })
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !entry.name.startsWith('.') && !SKIPPED.has(entry.name)) {
      await walk(path, { ...of, depth: of.depth + 1 })
    } else if (/\.sql$/i.test(entry.name) && (entry.isFile() || entry.isSymbolicLink())) of.found.push(path)
    if (of.found.length > of.most) throw tooManyFiles(of.shown, of.most)
  }
}
