import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Problem } from '../../../base/problem.ts'
import type { ReleaseId } from '../../../base/units.ts'
import { UnterminatedSql } from '../../../core/postgres/scan.ts'
import { lineAt, type SqlStatement, splitSql } from '../../../core/postgres/split.ts'
import type { MigrationFile } from './migration-file.ts'
import { migrationUnreadable, transactionControl } from './problems.ts'

/** Files of one release, and bytes of one file. */
export const MAX_FILES = 1000
export const MAX_FILE_BYTES = 16 * 1024 * 1024

/** First words that would end, or begin, the transaction that a file is. */
const CONTROLS = new Set(['begin', 'start', 'commit', 'end', 'rollback', 'abort', 'prepare'])

const isConcurrent = (statement: SqlStatement): boolean =>
  ['create', 'drop', 'reindex', 'alter'].includes(statement.words[0] ?? '') && statement.words.includes('concurrently')

/** True when the statement waits for other transactions by design, and must not be hurried. */
export const waitsByDesign = isConcurrent

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder)
    return names.filter((name) => name.endsWith('.sql')).sort()
  } catch (error) {
    // A release that changes only code has no folder.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

function statementsOf(text: string, path: string): readonly SqlStatement[] {
  try {
    return splitSql(text)
  } catch (error) {
    if (!(error instanceof UnterminatedSql)) throw error
    throw migrationUnreadable({ path, line: lineAt(text, error.at), reason: error.message })
  }
}

function refuseTransactionControl(file: MigrationFile): void {
  for (const { words, line } of file.statements) {
    const [first = '', second] = words
    // PREPARE alone makes a prepared statement.
    const harmless = first === 'prepare' && second !== 'transaction'
    if (CONTROLS.has(first) && !harmless) throw transactionControl({ file, line }, first)
  }
}

async function readOne(path: string, release: ReleaseId): Promise<MigrationFile> {
  const { size } = await stat(path)
  if (size > MAX_FILE_BYTES) throw tooLarge(path, `it has ${size} bytes; ${MAX_FILE_BYTES} is the most`)
  const bytes = await readFile(path)
  const name = basename(path)
  const folder = dirname(path)
  // A byte order mark is no SQL.
  const text = bytes.toString('utf8').replace(/^\ufeff/, '')
  const statements = statementsOf(text, path)
  const file: MigrationFile = {
    key: `${release}/${name}`,
    name: join(basename(dirname(folder)), basename(folder), name),
    path,
    checksum: createHash('sha256').update(bytes).digest('hex'),
    statements,
    transactional: !statements.some(isConcurrent),
  }
  refuseTransactionControl(file)
  return file
}

/**
 * The `*.sql` files of a folder, in the order of their names. A folder that is not there has none.
 * @throws Problem `migration-unreadable`, `migration-controls-transaction`, `migrations-too-large`
 */
export async function readMigrationFiles(folder: string, release: ReleaseId): Promise<readonly MigrationFile[]> {
  const names = await namesIn(folder)
  if (names.length > MAX_FILES) throw tooLarge(folder, `it has ${names.length} files; ${MAX_FILES} is the most`)
  const files: MigrationFile[] = []
  for (const name of names) files.push(await readOne(join(folder, name), release))
  return files
}

function tooLarge(path: string, reason: string): Problem {
  return new Problem({
    code: 'migrations-too-large',
    what: `The migrations at ${path} are too large to be applied: ${reason}.`,
    where: path,
    remedy: 'Split the change into several releases, and load data by other means than a migration.',
  })
}
