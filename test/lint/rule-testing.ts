/** For the tests of lint rules: SQL in, findings out, by the real parser. */
import { loadSqlParser } from '../../src/adapters/sqlparser/parser.ts'
import type { Finding } from '../../src/core/check/finding.ts'
import { parseMigration } from '../../src/core/check/formats/parse.ts'
import { type LintResult, lint } from '../../src/core/check/lint/lint.ts'
import type { LintRule } from '../../src/core/check/lint/rule.ts'
import type { Snapshot } from '../../src/core/check/snapshot.ts'
import type { MigrationFormat } from '../../src/core/check/sql.ts'

const parser = await loadSqlParser()
/** PostgreSQL's own. */
export const ruleParser = parser

export interface FlaggedOptions {
  readonly snapshot?: Snapshot | null
  /** Default: `plain`, which runs a file in one transaction unless a statement refuses one. */
  readonly format?: MigrationFormat
  readonly serverVersion?: number
  /** SQL of files that are pending before this one. */
  readonly earlier?: readonly string[]
  /** Default: a path that fits the format. */
  readonly path?: string
}

const PATHS: Partial<Record<MigrationFormat, string>> = {
  sqitch: 'deploy/change.sql',
  prisma: 'prisma/migrations/20240315141500_change/migration.sql',
  flyway: 'V2__change.sql',
  'golang-migrate': '0002_change.up.sql',
  supabase: 'supabase/migrations/20240315141500_change.sql',
}

/** Everything that lint says with only this rule turned on, fixes included. */
export function lintWith(rules: readonly LintRule[], sql: string, options: FlaggedOptions = {}): LintResult {
  const { snapshot = null, format = 'plain', serverVersion, earlier = [] } = options
  const path = options.path ?? PATHS[format] ?? '0002_change.sql'
  const parse = (text: string, at: string) => parseMigration({ path: at, text, settings: null }, { parser, format })
  const on = Object.fromEntries(rules.map(({ id }) => [id, 'on'] as const))
  return lint({
    files: [parse(sql, path)],
    earlier: earlier.map((text, at) => parse(text, `0001_${at}.sql`)),
    snapshot,
    parser,
    // Rules that are off by default are tested too; `on` keeps each one's own level.
    rules,
    config: { rules: on, ...(serverVersion === undefined ? {} : { serverVersion }) },
  })
}

/** The findings of one rule in a piece of SQL; those of the engine itself are left out. */
export function flagged(rule: LintRule, sql: string, options: FlaggedOptions = {}): readonly Finding[] {
  return lintWith([rule], sql, options).findings.filter((finding) => finding.rule === rule.id)
}

/** Parses SQL as a file of its own. */
export const parsed = (sql: string, format: MigrationFormat = 'plain', path = PATHS[format] ?? '0001_x.sql') =>
  parseMigration({ path, text: sql, settings: null }, { parser, format })
