import { Problem } from '../../../base/problem.ts'
import type { ReleaseId } from '../../../base/units.ts'
import type { SqlStatement } from '../../../core/postgres/split.ts'
import { codeOf, messageOf } from '../watched/client.ts'
import type { MigrationFile } from './migration-file.ts'

interface Place {
  readonly file: MigrationFile
  readonly line: number
}

const at = ({ file, line }: Place): string => `${file.path}:${line}`
const told = ({ file, line }: Place): string => `${file.name}:${line}`

/** The line of PostgreSQL's error: it counts characters within the statement, from 1. */
export function lineOfError(statement: SqlStatement, error: unknown): number {
  const position = error instanceof Error && 'position' in error ? Number(error.position) : Number.NaN
  if (!Number.isInteger(position) || position < 1) return statement.line
  const before = [...statement.sql].slice(0, position - 1)
  return statement.line + before.filter((char) => char === '\n').length
}

/** A quote or a comment of the file never ends. */
export function migrationUnreadable(place: { path: string; line: number; reason: string }): Problem {
  return new Problem({
    code: 'migration-unreadable',
    what: `The migration ${place.path} cannot be read as SQL: in line ${place.line}, ${place.reason}.`,
    where: `${place.path}:${place.line}`,
    remedy: 'Correct the file. Nothing of it was run.',
  })
}

/** The file is not the one that was applied. */
export function migrationChanged(file: MigrationFile): Problem {
  return new Problem({
    code: 'migration-changed',
    what: `The migration ${file.name} was applied before, and its file is different now.`,
    where: file.path,
    remedy: 'Restore the file as it was applied, and put the change into a new file.',
  })
}

/** The file begins or ends a transaction itself. */
export function transactionControl(place: Place, word: string): Problem {
  return new Problem({
    code: 'migration-controls-transaction',
    what: `${told(place)} says ${word.toUpperCase()}, but a migration file is one transaction already.`,
    where: at(place),
    remedy: 'Remove the statement. What must commit on its own goes into a file of its own. Nothing of it was run.',
  })
}

/** PostgreSQL refused a statement. `applied`: statements before it that stay; `invalid`: indexes that it left. */
export function migrationFailed(
  place: Place & { readonly error: unknown; readonly applied: number; readonly invalid: readonly string[] },
): Problem {
  const { file, error, applied, invalid } = place
  const hint = error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? ` ${error.hint}` : ''
  const kept = file.transactional
    ? 'Nothing of the file was kept.'
    : `The ${applied} statements before it stay, since CONCURRENTLY allows no transaction; they are not run again.`
  const left = invalid.map((name) => ` It left the index ${name}, which is invalid: only writes pay for it.`).join('')
  const drop = invalid.map((name) => ` DROP INDEX CONCURRENTLY ${name};`).join('')
  return new Problem({
    code: 'migration-failed',
    what: `${told(place)} failed: ${messageOf(error)} (${codeOf(error)}).${hint} ${kept}${left}`,
    where: at(place),
    remedy: `${drop === '' ? '' : `Run${drop} Then c`}${drop === '' ? 'C' : ''}orrect the statement and apply the release again.`,
    cause: error,
  })
}

/** No lock was to be had in all attempts. */
export function lockTimeout(place: Place & { readonly error: unknown; readonly attempts: number }): Problem {
  return new Problem({
    code: 'migration-lock-timeout',
    what: `${told(place)} did not get its lock in ${place.attempts} attempts: ${messageOf(place.error)}. Nothing of the file was kept.`,
    where: at(place),
    remedy:
      'Find the session that holds the table (pg_blocking_pids, pg_locks), let it end, and apply the release again.',
    retriable: true,
    cause: place.error,
  })
}

/** The statement succeeded, but an index that it names cannot be used. */
export function indexInvalid(place: Place & { readonly indexes: readonly string[] }): Problem {
  const list = place.indexes.join(', ')
  return new Problem({
    code: 'index-invalid',
    what: `After ${told(place)} the index ${list} is there but invalid, left by a build that failed: no query uses it.`,
    where: at(place),
    remedy: `Run ${place.indexes.map((name) => `DROP INDEX CONCURRENTLY ${name};`).join(' ')} Then apply the release again.`,
  })
}

/** Somebody else is migrating this database. */
export function migrationBusy(release: ReleaseId, waitedSeconds: number): Problem {
  return new Problem({
    code: 'migration-busy',
    what: `The migrations of ${release} could not start: another premortem applies migrations to this database, for ${waitedSeconds} s now.`,
    remedy: 'Wait until it is done, or end it, and apply the release again.',
    retriable: true,
  })
}
