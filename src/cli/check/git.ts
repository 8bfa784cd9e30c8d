/** Which files a branch adds or changes, asked of git. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Problem } from '../../base/problem.ts'

const run = promisify(execFile)
const DEADLINE_MS = 10_000
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024

/** What differs from the base. */
export interface Changed {
  /** As it is called in the report. */
  readonly base: string
  /** Absolute paths; those not under version control yet included. */
  readonly files: ReadonlySet<string>
}

async function git(folder: string, args: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await run('git', ['-C', folder, ...args], { timeout: DEADLINE_MS, maxBuffer: MAX_OUTPUT_BYTES })
    return stdout.trim()
  } catch {
    // No git, no repository, no such revision: each means that git cannot tell.
    return null
  }
}

/** The base that a continuous integration names, else the remote's main branch. */
async function guessBase(folder: string): Promise<string | null> {
  const target = process.env.GITHUB_BASE_REF ?? process.env.CI_MERGE_REQUEST_TARGET_BRANCH_NAME
  if (target) return `origin/${target}`
  return git(folder, ['symbolic-ref', '--short', 'refs/remotes/origin/HEAD'])
}

const unknownBase = (base: string): Problem =>
  new Problem({
    code: 'unknown-base',
    what: `git knows no common history with ${base}.`,
    where: `--base ${base}`,
    remedy: 'Name a revision that this clone has; a shallow clone may need: git fetch --unshallow.',
  })

/**
 * Files that are new or changed since the merge base; null when git cannot tell.
 * @throws Problem `unknown-base` when the base was named and is not there
 */
export async function changedSince(of: {
  readonly folder: string
  readonly base?: string | undefined
}): Promise<Changed | null> {
  const base = of.base ?? (await guessBase(of.folder))
  if (base === null) return null
  const root = await git(of.folder, ['rev-parse', '--show-toplevel'])
  const mergeBase = await git(of.folder, ['merge-base', base, 'HEAD'])
  if (mergeBase === null && of.base !== undefined) throw unknownBase(of.base)
  if (root === null || mergeBase === null) return null
  const changed = await git(root, ['diff', '--name-only', '--diff-filter=AMR', '-z', mergeBase])
  const untracked = await git(root, ['ls-files', '--others', '--exclude-standard', '-z'])
  if (changed === null || untracked === null) return null
  const names = [...changed.split('\0'), ...untracked.split('\0')].filter((name) => name !== '')
  return { base, files: new Set(names.map((name) => join(root, name))) }
}

/** Where a folder lies in its repository, such as `examples/payments`; empty at its root, or without git. */
export async function prefixOf(folder: string): Promise<string> {
  return ((await git(folder, ['rev-parse', '--show-prefix'])) ?? '').replace(/\/$/, '')
}
