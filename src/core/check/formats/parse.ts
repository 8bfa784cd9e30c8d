import { ignoreCommentsIn } from '../lint/ignores.ts'
import type { MigrationFormat, ParsedFile, SqlParser } from '../sql.ts'
import type { MigrationSource } from './format.ts'
import { FORMATS } from './formats.ts'

/** How a migration is read. */
export interface ParseOptions {
  readonly parser: SqlParser
  readonly format: MigrationFormat
}

/** A byte order mark is no SQL. */
const withoutMark = (text: string): string => (text.startsWith('\ufeff') ? ` ${text.slice(1)}` : text)

/** Reads one migration: its way forward, with lines and offsets of the whole file. */
export function parseMigration(source: MigrationSource, { parser, format }: ParseOptions): ParsedFile {
  const { path, text } = source
  const layout = FORMATS[format]
  const forward = withoutMark(layout.forward(text))
  const { statements, remarks } = parser.parse(forward)
  return {
    path,
    text,
    format,
    version: layout.version(path),
    transactional: layout.transactional(source, statements),
    statements,
    // What is written about the way back is no ignore comment that ignores nothing.
    ignores: ignoreCommentsIn(forward),
    remarks,
  }
}
