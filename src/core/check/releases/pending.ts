/** Which migrations the check is about, which lie before them, and which release one would go back to. */
import type { ParsedFile } from '../sql.ts'

/** A release's migration files; `release` is null where the project has one folder for all. */
export interface ReleaseFiles {
  readonly release: string | null
  readonly files: readonly ParsedFile[]
}

/** What is tried, in order: `earlier` first, then `own`. */
export interface Pending {
  /** Not in production yet, and not of the release under check: applied before it, and not judged. */
  readonly earlier: readonly ParsedFile[]
  /** The change under check. */
  readonly own: readonly ParsedFile[]
  /** The newest release whose migrations are all in production: what runs now, and what one would go back to. */
  readonly previous: string | null
  readonly assumptions: readonly string[]
}

const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Tools remember a version, a file's name with or without its ending, or a path's last parts. */
function isApplied(file: ParsedFile, applied: ReadonlySet<string>): boolean {
  const name = fileName(file.path)
  const folder = fileName(file.path.slice(0, Math.max(0, file.path.lastIndexOf('/'))))
  const plain = name.replace(/\.sql$/, '')
  return [file.version, String(Number(file.version)), name, plain, plain.replace(/\.up$/, ''), folder].some((key) =>
    applied.has(key),
  )
}

/** Keys such as `2.3.0/0001_tables.sql` hold the release; they are compared whole. */
const isAppliedOf = (release: string | null, file: ParsedFile, applied: ReadonlySet<string>): boolean =>
  release === null
    ? isApplied(file, applied)
    : applied.has(`${release}/${fileName(file.path)}`) || (!hasReleaseKeys(applied) && isApplied(file, applied))

const hasReleaseKeys = (applied: ReadonlySet<string>): boolean => [...applied].some((key) => key.includes('/'))

const named = (files: readonly ParsedFile[]): string => files.map((file) => file.path).join(', ')

/**
 * Splits the project's migrations by what the snapshot says was applied. A snapshot that knows no migration tool's table
 * says nothing: then everything before the release counts as applied, which is said.
 *
 * @param releases all releases in order, oldest first; or one entry without a release
 * @param wanted the release under check; null for the last one
 */
export function pendingOf(of: {
  readonly releases: readonly ReleaseFiles[]
  readonly wanted: string | null
  readonly applied: readonly string[]
}): Pending {
  const { releases, wanted } = of
  const at = wanted === null ? releases.length - 1 : releases.findIndex((one) => one.release === wanted)
  const target = releases[at]
  if (target === undefined) return { earlier: [], own: [], previous: null, assumptions: [] }
  const before = releases.slice(0, at)
  if (of.applied.length === 0) {
    const assumptions =
      before.length === 0 ? [] : ['The snapshot names no applied migrations: all releases before are taken as applied.']
    return { earlier: [], own: target.files, previous: before.at(-1)?.release ?? null, assumptions }
  }
  const applied = new Set(of.applied)
  const missing = (one: ReleaseFiles) => one.files.filter((file) => !isAppliedOf(one.release, file, applied))
  const earlier = before.flatMap(missing)
  const own = missing(target)
  const previous = before.findLast((one) => missing(one).length === 0)?.release ?? null
  return {
    earlier,
    own,
    previous,
    assumptions: [
      ...(earlier.length > 0
        ? [
            `Not in the snapshot, and taken as applied before this release: ${named(earlier)}. Take a new snapshot to be sure.`,
          ]
        : []),
      ...(own.length < target.files.length ? ['Migrations that the snapshot has already are left out.'] : []),
    ],
  }
}
