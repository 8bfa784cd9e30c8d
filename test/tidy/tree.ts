/** The files of this repository, without what was installed, built or made by a run. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The repository's own folder. */
export const root = join(import.meta.dirname, '../..')

const NOT_OURS = new Set(['.git', 'node_modules', 'dist', 'coverage', '.premortem'])
/** Bad on purpose: only the tests of the guards look at them. */
const BAD_ON_PURPOSE = 'test/guards/fixtures'

function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (NOT_OURS.has(entry.name) || path === BAD_ON_PURPOSE) continue
    if (entry.isDirectory()) yield* walk(path)
    else if (entry.isFile()) yield path
  }
}

/** Paths from the root with `/`, sorted; a folder that is not there has none. `folder` is '' for all. */
export function filesUnder(folder: string, matching: RegExp = /./): string[] {
  if (folder !== '' && !readdirSync(root).includes(folder.split('/')[0] ?? '')) return []
  return [...walk(folder)].filter((path) => matching.test(path)).sort()
}

/** The text of a file, by its path from the root. */
export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')
