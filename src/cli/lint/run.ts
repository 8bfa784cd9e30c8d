import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { loadSqlParser } from '../../adapters/sqlparser/parser.ts'
import type { LintConfig } from '../../core/check/lint/config.ts'
import { type LintRequest, type LintResult, lint } from '../../core/check/lint/lint.ts'
import type { Snapshot } from '../../core/check/snapshot.ts'
import type { MigrationFormat, ParsedFile, SqlParser } from '../../core/check/sql.ts'
import { readMigrations } from '../check/migration-files.ts'
import { noSqlFiles } from '../check/migration-problems.ts'
import { usualFolder } from '../check/usual-folders.ts'
import type { Config } from '../config/load.ts'
import { diffOf } from './diff.ts'
import { fixFiles, writeFixed } from './fix-files.ts'
import type { LintOptions } from './options.ts'
import { renderJson } from './render-json.ts'
import { renderTerminal } from './terminal.ts'

const CONFIG_NAME = 'premortem.yaml'
const MAX_LEVELS = 40
/** What the configuration says, as far as lint asks. */
interface Setup {
  readonly paths: readonly string[]
  readonly cwd: string
  readonly snapshot: string | null
  readonly format: MigrationFormat | null
  readonly config: LintConfig
}

/** True when a configuration is there: reading one takes packages that a plain lint can do without. */
function hasConfig(cwd: string): boolean {
  let folder = cwd
  for (let level = 0; level < MAX_LEVELS; level += 1) {
    if (existsSync(join(folder, CONFIG_NAME))) return true
    if (dirname(folder) === folder) return false
    folder = dirname(folder)
  }
  return false
}

/** Those of the configuration, release by release where it has releases; else the folder that they usually lie in. */
async function configuredPaths(config: Config | null, cwd: string): Promise<readonly string[]> {
  if (config !== null && config.migrations.length > 0) {
    const { migrationPathsOf, releasesOf } = await import('../config/paths.ts')
    const releases = await releasesOf(config)
    const lists = await Promise.all(
      (releases.length === 0 ? [null] : releases).map((release) => migrationPathsOf(config, release)),
    )
    const paths = lists.flat()
    if (paths.length === 0) throw noSqlFiles(config.migrations)
    return paths.map((path) => join(config.folder, path))
  }
  const usual = usualFolder(cwd)
  if (usual === '.') throw noSqlFiles(['.'])
  return [usual]
}

async function setUp(options: LintOptions, cwd: string): Promise<Setup> {
  const configured = options.config !== null || hasConfig(cwd)
  const { loadConfig } = configured ? await import('../config/load.ts') : { loadConfig: null }
  const config = loadConfig === null ? null : await loadConfig(cwd, options.config ?? undefined)
  const ofConfig = config === null ? null : join(config.folder, config.snapshot)
  return {
    paths: options.paths.length > 0 ? options.paths : await configuredPaths(config, cwd),
    cwd,
    snapshot: options.snapshot ?? (ofConfig !== null && existsSync(ofConfig) ? ofConfig : null),
    format: options.format ?? (config === null || config.format === 'auto' ? null : config.format),
    config: { ...config?.lint, rules: { ...config?.lint.rules, ...options.rules } },
  }
}

async function snapshotAt(path: string | null): Promise<Snapshot | null> {
  if (path === null) return null
  const { readSnapshot } = await import('../snapshot/read.ts')
  return readSnapshot(path)
}

/** Without what production has already, as its snapshot says. */
async function pendingFiles(
  files: readonly ParsedFile[],
  snapshot: Snapshot | null,
): Promise<{ readonly files: readonly ParsedFile[]; readonly remarks: readonly string[] }> {
  if (snapshot === null || snapshot.appliedMigrations.length === 0) return { files, remarks: [] }
  const { pendingOf } = await import('../../core/check/releases/pending.ts')
  const { own } = pendingOf({ releases: [{ release: null, files }], wanted: null, applied: snapshot.appliedMigrations })
  const left = files.length - own.length
  if (left === 0) return { files, remarks: [] }
  return { files: own, remarks: [`${left} of ${files.length} files are in production already, as the snapshot says.`] }
}

/** More files than one change has: then it is the project's history that is looked at. */
const MANY_FILES = 50

function historyRemark(request: LintRequest): readonly string[] {
  if (request.files.length < MANY_FILES || request.snapshot !== null || request.rollout === 'apart') return []
  return [
    `All ${request.files.length} files count as one pending change, so tables that one makes are new and empty in the next. ` +
      'Name the pending files, give --snapshot, or use --apart to take each file as a change of its own.',
  ]
}

/** Fixes what can be fixed, and lints what is left. */
async function withFixes(
  options: LintOptions,
  of: { readonly request: LintRequest; readonly result: LintResult; readonly parser: SqlParser; readonly cwd: string },
) {
  const fixed = fixFiles(of.request, of.result, of.parser)
  const changed = fixed.filter(({ before, after }) => before !== after)
  if (options.fix === 'write') await writeFixed(changed, of.cwd)
  return {
    fixed,
    changed,
    files: of.request.files.map((file) => changed.find((one) => one.path === file.path)?.file ?? file),
  }
}

/**
 * Lints and prints.
 * @returns the exit code: 1 with an error among the findings, else 0
 * @throws Problem for input that cannot be read
 */
export async function runLint(options: LintOptions, cwd: string): Promise<number> {
  const setup = await setUp(options, cwd)
  const parser = await loadSqlParser()
  const format = setup.format === null ? {} : { format: setup.format }
  const snapshot = await snapshotAt(setup.snapshot)
  const all = await readMigrations({ paths: setup.paths, cwd, parser, ...format })
  const pending = await pendingFiles(all, snapshot)
  const { config } = setup
  const request: LintRequest = { files: pending.files, snapshot, parser, config, rollout: options.rollout }
  const first = lint(request)
  const fixes = options.fix === 'no' ? null : await withFixes(options, { request, result: first, parser, cwd })
  const result = fixes === null || options.fix === 'show' ? first : lint({ ...request, files: fixes.files })
  const shown = {
    files: fixes === null || options.fix === 'show' ? request.files : fixes.files,
    result,
    fixed: fixes?.fixed ?? [],
    written: options.fix === 'write',
    remarks: [...pending.remarks, ...historyRemark(request)],
  }
  if (options.json) process.stdout.write(renderJson(shown))
  else {
    if (options.fix === 'show') process.stdout.write(diffOf(fixes?.changed ?? []))
    process.stdout.write(renderTerminal(shown))
  }
  return result.findings.some(({ severity }) => severity === 'error') ? 1 : 0
}
