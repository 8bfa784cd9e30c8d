/** Migrations as parsed text: what lint rules, the phantom and the reports share. */
import type { Node } from '@pgsql/types'
import type { FindingSeverity } from './severity.ts'

/** Why a piece of SQL could not be parsed. */
export interface SyntaxProblem {
  /** PostgreSQL's own words. */
  readonly message: string
  /** Offset in the file's text, in UTF-16 units. */
  readonly offset: number
}

/** One statement of a file. */
export interface ParsedStatement {
  /** From its first word to before its semicolon; comments before it are left out. */
  readonly sql: string
  /** Of its first word in the file's text, in UTF-16 units. */
  readonly offset: number
  /** Of its first word; lines count from 1. */
  readonly line: number
  /**
   * The syntax tree, one key that names its kind: `{ AlterTableStmt: … }`. Every `location` in it is an offset in `sql`, in
   * UTF-16 units (not bytes). Null when it cannot be parsed.
   */
  readonly node: Node | null
  readonly problem: SyntaxProblem | null
  /** `do-block`: found inside the body of a DO statement of the file, which stands in the list before it. */
  readonly origin: 'file' | 'do-block'
}

/** How a tool lays out its migration files; decides what runs in one transaction and which part is the way back. */
export type MigrationFormat =
  | 'plain'
  | 'golang-migrate'
  | 'dbmate'
  | 'flyway'
  | 'prisma'
  | 'sqitch'
  | 'node-pg-migrate'
  | 'supabase'
  | 'goose'

/** `-- premortem-ignore rule-a, rule-b: reason` or squawk's `-- squawk-ignore rule`. */
export interface IgnoreComment {
  /** Rule ids as written; squawk's names too. */
  readonly rules: readonly string[]
  /** Null when none is given: then it is itself a finding, and ignores nothing. squawk's comments need none. */
  readonly reason: string | null
  readonly line: number
  /** `file`: all of the file; `statement`: the next statement. */
  readonly scope: 'file' | 'statement'
  readonly dialect: 'premortem' | 'squawk'
}

/** One migration file, the part that goes forward only (dbmate's `-- migrate:up`, for instance). */
export interface ParsedFile {
  /** As it is shown to people: relative to where the command runs, with `/`. */
  readonly path: string
  readonly text: string
  readonly format: MigrationFormat
  /** Orders files within a set: what comes first in production comes first here. Such as `0005` or `20240315141500`. */
  readonly version: string
  /** True when the tool runs the file in one transaction unless it says otherwise. */
  readonly transactional: boolean
  readonly statements: readonly ParsedStatement[]
  readonly ignores: readonly IgnoreComment[]
  /** What was seen and is no SQL: psql meta-commands, COPY data. One sentence each, with its line. */
  readonly remarks: readonly { readonly line: number; readonly message: string; readonly severity: FindingSeverity }[]
}

/** Makes syntax trees of SQL. The adapter is `adapters/sqlparser`. */
export interface SqlParser {
  /**
   * Parses statement by statement, so that one broken statement leaves the others readable. Never throws on bad SQL.
   * DO blocks are looked into: the statements found in them follow the DO statement with origin `do-block`.
   */
  parse(text: string): { readonly statements: readonly ParsedStatement[]; readonly remarks: ParsedFile['remarks'] }
}
