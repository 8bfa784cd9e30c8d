import { readFile, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { Problem } from '../../base/problem.ts'
import { detectFormat, isWayBack } from '../../core/check/formats/detect.ts'
import { baseName } from '../../core/check/formats/format.ts'
import { FORMATS } from '../../core/check/formats/formats.ts'
import { changesOfPlan, inOrder } from '../../core/check/formats/order.ts'
import { parseMigration } from '../../core/check/formats/parse.ts'
import type { MigrationFormat, ParsedFile, SqlParser } from '../../core/check/sql.ts'
import { fileNotReadable, noSqlFiles, pathNotFound, sqlTooLarge } from './migration-problems.ts'
import { sqlFilesUnder } from './sql-files.ts'

/** What to read, and how. */
export interface ReadMigrations {
  /** Files and folders; relative ones to `cwd`. */
  readonly paths: readonly string[]
  readonly cwd: string
  readonly parser: SqlParser
  /** Default: found by name and content, file by file. */
  readonly format?: MigrationFormat
}

/** Bytes of one file, and files of one run. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024
export const MAX_FILES = 10_000
/** Well below what any operating system lets a process have open. */
const FILES_AT_A_TIME = 32
/** Folders above a file in which a sqitch.plan is looked for. */
const MAX_PLAN_DEPTH = 4

/** A file's text. @throws Problem `file-not-readable`, `sql-too-large` */
export async function readSqlText(path: string, shown: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > MAX_FILE_BYTES) throw sqlTooLarge(shown, size, MAX_FILE_BYTES)
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(path))
  } catch (error) {
    if (error instanceof Problem) throw error
    if (error instanceof TypeError) throw fileNotReadable(shown, 'it is not text in UTF-8')
    if (error instanceof Error && 'code' in error) throw fileNotReadable(shown, error.message)
    throw error
  }
}

async function textIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code))) return null
    throw error
  }
}

/** Reads each plan once; most files have none above them. */
class Plans {
  private readonly known = new Map<string, Promise<string | null>>()

  async above(path: string): Promise<string | null> {
    let folder = dirname(path)
    for (let depth = 0; depth < MAX_PLAN_DEPTH; depth += 1) {
      const at = join(folder, 'sqitch.plan')
      const plan = this.known.get(at) ?? textIfThere(at)
      this.known.set(at, plan)
      if ((await plan) !== null) return plan
      if (dirname(folder) === folder) break
      folder = dirname(folder)
    }
    return null
  }
}

const shownPath = (path: string, cwd: string): string => {
  const shown = relative(cwd, path)
  return (shown.startsWith(`..${sep}..`) || isAbsolute(shown) ? path : shown).split(sep).join('/')
}

/** A file before it is parsed. */
interface Found {
  readonly shown: string
  readonly text: string
  readonly plan: string | null
  readonly settings: string | null
}

async function readFound(file: string, cwd: string, plans: Plans): Promise<Found> {
  const shown = shownPath(file, cwd)
  const [plan, text] = await Promise.all([plans.above(file), readSqlText(file, shown)])
  const settings = /^[VR][\d._]*__/.test(baseName(shown)) ? await textIfThere(`${file}.conf`) : null
  return { shown, text, plan, settings }
}

/** Reads files some at a time, and keeps their order. */
async function readAll(files: readonly string[], cwd: string, plans: Plans): Promise<readonly Found[]> {
  const found: Found[] = []
  for (let at = 0; at < files.length; at += FILES_AT_A_TIME) {
    const some = files.slice(at, at + FILES_AT_A_TIME)
    found.push(...(await Promise.all(some.map((file) => readFound(file, cwd, plans)))))
  }
  return found
}

/** Files of one path that was given. */
async function readPath(path: string, options: ReadMigrations, plans: Plans): Promise<readonly ParsedFile[]> {
  const { cwd, parser, format: wanted } = options
  const paths = await sqlFilesUnder(resolve(cwd, path), { shown: path, most: MAX_FILES })
  if (paths === null) throw pathNotFound(path)
  const forward = paths.filter((file) => !isWayBack(shownPath(file, cwd)))
  const files: ParsedFile[] = []
  let order: readonly string[] = []
  for (const { shown, text, plan, settings } of await readAll(forward, cwd, plans)) {
    const format = wanted ?? detectFormat({ path: shown, text, sqitchPlan: plan !== null })
    if (!FORMATS[format].accepts(shown) && paths.length > 1) continue
    if (format === 'sqitch' && plan !== null) order = changesOfPlan(plan)
    files.push(parseMigration({ path: shown, text, settings }, { parser, format }))
  }
  return inOrder(files, order)
}

/**
 * Reads migrations in the order in which they run: files named one by one are ordered by version among themselves,
 * folders stay in the order given. The way back (`*.down.sql`, `-- migrate:down`, …) is left out.
 * @throws Problem `path-not-found`, `file-not-readable`, `sql-too-large`, `no-sql-files`
 */
export async function readMigrations(options: ReadMigrations): Promise<readonly ParsedFile[]> {
  const plans = new Plans()
  const files: ParsedFile[] = []
  let single: ParsedFile[] = []
  const flush = () => {
    files.push(...inOrder(single, []))
    single = []
  }
  for (const path of options.paths) {
    const read = await readPath(path, options, plans)
    const isFile = read.length === 1 && resolve(options.cwd, path) === resolve(options.cwd, read[0]?.path ?? '')
    if (isFile) single.push(...read)
    else {
      flush()
      files.push(...read)
    }
  }
  flush()
  const seen = new Set<string>()
  const once = files.filter(({ path }) => !seen.has(path) && seen.add(path))
  if (once.length === 0) throw noSqlFiles(options.paths)
  return once
}
