/** Gathers what a check needs: configuration, snapshot, migrations, and the queries of both releases. */
import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { loadSqlParser } from '../../adapters/sqlparser/parser.ts'
import { Problem } from '../../base/problem.ts'
import { type Pending, pendingOf, type ReleaseFiles } from '../../core/check/releases/pending.ts'
import { releaseWorkload, wholeWorkload } from '../../core/check/releases/workloads.ts'
import type { Snapshot, WorkloadQuery } from '../../core/check/snapshot.ts'
import type { ParsedFile, SqlParser } from '../../core/check/sql.ts'
import { queriesFromSql } from '../../core/check/workload/sql-file.ts'
import { type Config, loadConfig } from '../config/load.ts'
import { migrationPathsOf, queryPathsOf, releasesOf, requireRelease } from '../config/paths.ts'
import { readSnapshot } from '../snapshot/read.ts'
import { changedSince } from './git.ts'
import { readMigrations } from './migration-files.ts'
import { usualFolder } from './usual-folders.ts'

/** What the person asked for. */
export interface CheckRequest {
  readonly cwd: string
  readonly config?: string
  readonly snapshot?: string
  readonly release?: string
  /** The release that one would go back to. */
  readonly previous?: string
  /** A git revision: migrations that it has count as applied. */
  readonly base?: string
  /** Migration files named on the command line: these are the change. */
  readonly files: readonly string[]
}

/** Everything that was read. */
export interface CheckInputs {
  readonly config: Config
  readonly parser: SqlParser
  readonly snapshot: Snapshot
  readonly release: string | null
  readonly pending: Pending
  /** Queries of the release under check, with what else runs in production. */
  readonly newWorkload: readonly WorkloadQuery[]
  /** Queries of the release before. */
  readonly oldWorkload: readonly WorkloadQuery[]
  readonly previous: string | null
  readonly assumptions: readonly string[]
}

/**
 * Reads everything.
 * @throws Problem of the configuration, the snapshot or the migrations; `unknown-release`, `nothing-to-check`
 */
export async function gatherInputs(request: CheckRequest): Promise<CheckInputs> {
  const config = await loadConfig(request.cwd, request.config)
  const parser = await loadSqlParser()
  const snapshot = await readSnapshot(join(config.folder, request.snapshot ?? config.snapshot))
  const releases = await releasesOf(config)
  const release = request.release ?? releases.at(-1) ?? null
  if (request.release !== undefined) requireRelease(request.release, releases, config)
  const pending = await choosePending({ request, config, parser, snapshot, releases, release })
  const previous = request.previous ?? config.rollbackTarget ?? pending.previous
  if (previous !== null && release !== null) requireRelease(previous, releases, config)
  const [writtenNew, writtenOld] = await Promise.all([
    queriesOf(request.cwd, config, release),
    previous === null ? Promise.resolve([]) : queriesOf(request.cwd, config, previous),
  ])
  const counted = snapshot.workload
  const old = releaseWorkload({ written: writtenOld, counted, previous: [] })
  const next = releaseWorkload({ written: writtenNew, counted, previous: old.queries })
  const whole = wholeWorkload({ written: next.queries, old: old.queries, previous, counted })
  return {
    config,
    parser,
    snapshot,
    release,
    pending,
    previous,
    // Without query files the one workload that is known is production's, and both releases are taken to ask it.
    newWorkload: whole,
    oldWorkload: old.queries.length > 0 ? old.queries : whole,
    assumptions: [...pending.assumptions, ...next.assumptions],
  }
}

async function queriesOf(cwd: string, config: Config, release: string | null): Promise<readonly WorkloadQuery[]> {
  const lists = await Promise.all(
    (await queryPathsOf(config, release)).map(async (path) => {
      const file = join(config.folder, path)
      return queriesFromSql(await readFile(file, 'utf8'), relative(cwd, file))
    }),
  )
  return lists.flat()
}

interface Choosing {
  readonly request: CheckRequest
  readonly config: Config
  readonly parser: SqlParser
  readonly snapshot: Snapshot
  readonly releases: readonly string[]
  readonly release: string | null
}

async function choosePending(choosing: Choosing): Promise<Pending> {
  const { request, config, snapshot, releases, release } = choosing
  if (request.files.length > 0) {
    const own = await parsed(choosing, request.files, request.cwd)
    const before = release === null ? null : (releases[releases.indexOf(release) - 1] ?? null)
    return { earlier: [], own, previous: before, assumptions: [] }
  }
  const all = await migrationsOf(choosing)
  const applied = snapshot.appliedMigrations
  const pending = pendingOf({ releases: all, wanted: release, applied })
  const nothing = pending.own.length === 0 && release === null
  const unknown = applied.length === 0 && release === null
  if (!unknown && !nothing) return pending
  return unknown ? byGit(choosing, pending) : nothingPending(config, pending)
}

const nothingPending = (config: Config, pending: Pending): Pending => {
  if (pending.earlier.length > 0 || config.migrations.length > 0) return pending
  throw new Problem({
    code: 'nothing-to-check',
    what: `No migrations were found under ${config.folder}.`,
    where: config.file ?? config.folder,
    remedy: 'Set "migrations" in premortem.yaml, or name files: premortem check migrations/0007_change.sql',
  })
}

const nothingMatches = ({ migrations, file, folder }: Config): Problem =>
  new Problem({
    code: 'nothing-to-check',
    what: `No file or folder matches the migrations of the configuration: ${migrations.join(', ')}.`,
    where: file ?? folder,
    remedy: 'Correct "migrations" in premortem.yaml, or name files: premortem check migrations/0007_change.sql',
  })

/** One folder, and a snapshot that knows no migration tool: what git says is new is the change. */
async function byGit({ request, config }: Choosing, pending: Pending): Promise<Pending> {
  const changed = await changedSince({ folder: config.folder, base: request.base })
  if (changed === null) {
    const why = 'Neither the snapshot nor git tells which migrations production has: all of them are taken as new.'
    return { ...pending, assumptions: [...pending.assumptions, why] }
  }
  const own = pending.own.filter((file) => changed.files.has(join(request.cwd, file.path)))
  return {
    ...pending,
    own,
    assumptions: [...pending.assumptions, `New are the migrations that ${changed.base} does not have.`],
  }
}

async function migrationsOf(choosing: Choosing): Promise<readonly ReleaseFiles[]> {
  const { config, releases } = choosing
  if (releases.length === 0) {
    const paths = config.migrations.length === 0 ? [usualFolder(config.folder)] : await migrationPathsOf(config, null)
    if (paths.length === 0) throw nothingMatches(config)
    return [{ release: null, files: await parsed(choosing, paths, config.folder) }]
  }
  const found: ReleaseFiles[] = []
  for (const release of releases) {
    const paths = await migrationPathsOf(config, release)
    found.push({ release, files: paths.length === 0 ? [] : await parsed(choosing, paths, config.folder) })
  }
  return found
}

/** Paths in the result are relative to where the command runs: that is what a person can click. */
async function parsed(choosing: Choosing, paths: readonly string[], folder: string): Promise<readonly ParsedFile[]> {
  const { request, config, parser } = choosing
  const format = config.format === 'auto' ? {} : { format: config.format }
  const shown = paths.map((path) => relative(request.cwd, join(folder, path)) || '.')
  return readMigrations({ paths: shown, cwd: request.cwd, parser, ...format })
}
