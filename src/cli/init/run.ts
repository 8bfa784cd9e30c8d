/** `premortem init` without its command line. */
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { createInterface } from 'node:readline/promises'
import pc from 'picocolors'
import { Problem } from '../../base/problem.ts'
import { CONFIG_NAME, loadConfig } from '../config/load.ts'
import { ownVersion } from '../package-files.ts'
import { type Change, changesFor } from './changes.ts'
import { type Ci, type Found, findIn } from './found.ts'
import { lookAt, type Repository } from './look.ts'
import { changeLines, contentLines, foundLines, nextLines } from './tell.ts'
import { writeChanges } from './write.ts'

/** As the command line gives them. */
export interface RawInitOptions {
  readonly ci?: Ci
  readonly yes?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** Nobody's answer: the question was ended with Ctrl-C or Ctrl-D. */
const NOBODY = 'n'

/** Asks in the terminal; anything but yes is no. */
async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve(NOBODY)))
    const answer = await Promise.race([terminal.question(`${question} [y/N] `), closed])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}

const needsYes = (replaced: readonly Change[], cwd: string): Problem => {
  const names = replaced.map((one) => relative(cwd, one.path)).join(', ')
  return new Problem({
    code: 'init-would-replace',
    what: `${names} ${replaced.length === 1 ? 'is' : 'are'} there with another content, and there is no terminal to ask in. Nothing was changed.`,
    where: names,
    remedy:
      'Run premortem init --yes to replace, --dry-run to see what would be written, or --ci none to leave CI alone.',
  })
}

/** Replaced files only where somebody said yes. @throws Problem `init-would-replace` */
async function agreed(changes: readonly Change[], raw: RawInitOptions, cwd: string): Promise<readonly Change[]> {
  const replaced = changes.filter((one) => one.kind === 'replace')
  if (replaced.length === 0 || raw.yes === true || raw.dryRun === true) return changes
  if (!process.stdin.isTTY || raw.json === true) throw needsYes(replaced, cwd)
  const kept: Change[] = []
  for (const change of changes) {
    const yes = change.kind !== 'replace' || (await ask(`Replace ${relative(cwd, change.path)}?`))
    kept.push(yes ? change : { ...change, kind: 'keep' })
  }
  return kept
}

interface Told {
  readonly repository: Repository
  readonly found: Found
  readonly ci: Ci
  readonly changes: readonly Change[]
  readonly raw: RawInitOptions
  readonly cwd: string
}

function tell({ repository, found, ci, changes, raw, cwd }: Told): string {
  const written = raw.dryRun !== true
  if (raw.json === true) {
    const files = changes.map((one) => ({ path: relative(cwd, one.path), action: one.kind, what: one.what }))
    return `${JSON.stringify({ found: { ...found, git: repository.hasGit, remarks: repository.remarks }, ci, written, files }, null, 2)}\n`
  }
  const hasSnapshot = existsSync(join(repository.folder, 'premortem.snapshot.json'))
  const main = join(repository.root, '.gitlab-ci.yml')
  const gitlabInclude = ci === 'gitlab' && !changes.some((one) => one.path === main)
  const nothing = changes.every((one) => one.kind === 'keep')
  const heading = nothing ? 'Nothing to change' : written ? 'Wrote' : 'Would write'
  const lines = [
    pc.bold('Found'),
    ...foundLines(found, repository).map((line) => `  ${line}`),
    '',
    pc.bold(heading),
    ...changeLines(changes, cwd, written).map((line) => `  ${line}`),
    ...(written ? [] : contentLines(changes, cwd)),
    '',
    pc.bold('Next'),
    ...nextLines({ ci, found, hasSnapshot, gitlabInclude }).map((line) => `  ${line}`),
  ]
  return `${lines.join('\n')}\n`
}

/**
 * Looks, writes, tells.
 * @returns the exit code
 * @throws Problem `init-would-replace`, `init-not-written`, and those of a configuration that is there
 */
export async function runInit(raw: RawInitOptions, cwd: string): Promise<number> {
  const repository = await lookAt(cwd)
  const found = await findIn(repository)
  const own = existsSync(join(repository.folder, CONFIG_NAME))
  const config = own ? await loadConfig(repository.folder, CONFIG_NAME) : null
  const ci = raw.ci ?? found.ci
  const planned = await changesFor({ repository, found, ci, config, version: ownVersion() })
  const changes = await agreed(planned, raw, cwd)
  if (raw.dryRun !== true) await writeChanges(changes, cwd)
  process.stdout.write(tell({ repository, found, ci, changes, raw, cwd }))
  return 0
}
