/** From the patterns of the configuration to files and releases. */
import { glob, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Problem } from '../../base/problem.ts'
import type { Config } from './load.ts'

const MAX_FILES = 20_000
const VERSIONS = new Intl.Collator('en', { numeric: true })

/** Paths relative to the configuration's folder that match, in the order of their names with numbers as numbers. */
async function matching(config: Config, pattern: string): Promise<readonly string[]> {
  const found: string[] = []
  for await (const path of glob(pattern, { cwd: config.folder })) {
    if (found.length >= MAX_FILES)
      throw new Problem({
        code: 'too-many-files',
        what: `The pattern ${pattern} matches more than ${MAX_FILES.toLocaleString('en')} files.`,
        where: config.file ?? config.folder,
        remedy: 'Make the pattern narrower.',
      })
    found.push(path.replaceAll('\\', '/'))
  }
  return found.toSorted(VERSIONS.compare)
}

// What has gone between the listing and this look is no folder.
const isFolder = async (path: string): Promise<boolean> => (await stat(path).catch(() => null))?.isDirectory() ?? false

/** The releases, oldest first by their version; none where the project has no folders of releases. */
export async function releasesOf(config: Config): Promise<readonly string[]> {
  if (config.releases === null) return []
  const found: string[] = []
  for (const path of await matching(config, config.releases)) {
    if (await isFolder(join(config.folder, path))) found.push(basename(path))
  }
  return found.toSorted(VERSIONS.compare)
}

/** @throws Problem `unknown-release` */
export function requireRelease(release: string, known: readonly string[], config: Config): void {
  if (known.includes(release)) return
  throw new Problem({
    code: 'unknown-release',
    what: `There is no release ${release}${known.length === 0 ? ': the configuration names no folders of releases' : `; known are ${known.join(', ')}`}.`,
    where: config.file ?? config.folder,
    remedy: known.length === 0 ? 'Set "releases" in premortem.yaml, or leave --release out.' : 'Name one of these.',
  })
}

const filled = (pattern: string, release: string | null): string | null =>
  pattern.includes('{release}') ? (release === null ? null : pattern.replaceAll('{release}', release)) : pattern

/** Patterns that hold `{release}`, filled in; those without it only where no release is asked for. */
function patternsFor(patterns: readonly string[], release: string | null, shared: boolean): readonly string[] {
  return patterns.flatMap((pattern) => {
    if (release !== null && !shared && !pattern.includes('{release}')) return []
    return filled(pattern, release) ?? []
  })
}

/** Migration files and folders of a release (those that only it has), or of the whole project. */
export async function migrationPathsOf(config: Config, release: string | null): Promise<readonly string[]> {
  const lists = await Promise.all(
    patternsFor(config.migrations, release, false).map((pattern) => matching(config, pattern)),
  )
  return lists.flat()
}

/** Query files of a release, those that all releases share included. */
export async function queryPathsOf(config: Config, release: string | null): Promise<readonly string[]> {
  const lists = await Promise.all(
    patternsFor(config.queries, release, true).map((pattern) => matching(config, pattern)),
  )
  return [...new Set(lists.flat())]
}
