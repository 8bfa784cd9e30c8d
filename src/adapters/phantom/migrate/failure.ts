import pg from 'pg'
import type { ApplyFailure } from '../../../core/check/plans.ts'
import type { ParsedFile, ParsedStatement } from '../../../core/check/sql.ts'
import { lineAt } from '../../../core/postgres/split.ts'

const EXTENSION = /^extension "([^"]+)" is not available|extension control file ".*\/([^/"]+)\.control"/

/** Line within the statement that the error points at, from 0. */
function lineWithin(error: pg.DatabaseError, sql: string): number {
  if (error.position !== undefined) {
    // Characters, not UTF-16 units.
    const before = [...sql.slice(0, Number(error.position) * 2)].slice(0, Number(error.position) - 1).join('')
    return lineAt(before, before.length) - 1
  }
  const line = /inline_code_block line (\d+)/.exec(error.where ?? '')?.[1]
  const body = /\$\w*\$/.exec(sql)
  if (line === undefined || body === null) return 0
  return lineAt(sql, body.index + body[0].length) - 1 + Number(line) - 1
}

/** Where and why a statement failed, in PostgreSQL's words. */
export function failureOf(error: unknown, at: { file: ParsedFile; statement: ParsedStatement }): ApplyFailure {
  const { file, statement } = at
  if (!(error instanceof pg.DatabaseError)) {
    const message = error instanceof Error ? error.message : String(error)
    return { file: file.path, line: statement.line, message, sqlState: null }
  }
  const extension = EXTENSION.exec(error.message)
  const name = extension?.[1] ?? extension?.[2]
  const words = [error.message, error.detail, error.hint].filter((part) => part !== undefined && part !== '').join('. ')
  return {
    file: file.path,
    line: statement.line + lineWithin(error, statement.sql),
    message:
      name === undefined
        ? words
        : `the server that this check starts does not have the extension "${name}", so the change cannot be tried here (${error.message})`,
    sqlState: error.code ?? null,
  }
}
