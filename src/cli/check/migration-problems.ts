import { Problem } from '../../base/problem.ts'

/** Nothing is at a path that a person gave. */
export const pathNotFound = (path: string): Problem =>
  new Problem({
    code: 'path-not-found',
    what: `There is no file or folder ${path}.`,
    where: path,
    remedy: 'Correct the path; it is relative to where the command runs.',
  })

/** A file or folder is there and gives no text. */
export const fileNotReadable = (path: string, reason: string): Problem =>
  new Problem({
    code: 'file-not-readable',
    what: `${path} cannot be read: ${reason}.`,
    where: path,
    remedy: 'Make the file readable, and save it as UTF-8.',
  })

/** A file is larger than is looked at. */
export const sqlTooLarge = (path: string, bytes: number, most: number): Problem =>
  new Problem({
    code: 'sql-too-large',
    what: `${path} has ${bytes} bytes; ${most} is the most that is looked at.`,
    where: path,
    remedy: 'Load data by other means than a migration, or leave the file out.',
  })

/** A folder holds more files than are looked at. */
export const tooManyFiles = (path: string, most: number): Problem =>
  new Problem({
    code: 'too-many-files',
    what: `There are more than ${most} SQL files under ${path}.`,
    where: path,
    remedy: 'Name the folder of the migrations, or single files.',
  })

/** Nothing that goes forward was found. */
export const noSqlFiles = (paths: readonly string[]): Problem =>
  new Problem({
    code: 'no-sql-files',
    what: `There is no migration that goes forward in ${paths.map((path) => (path === '.' ? 'this folder' : path)).join(', ')}.`,
    where: paths[0] ?? '.',
    remedy: 'Name the folder or the .sql files of your migrations, and their tool with --format if it is not found.',
  })
