import type { MigrationFormat } from '../sql.ts'
import { baseName, folderName } from './format.ts'

/** What is looked at to tell which tool a file is for. */
export interface Clues {
  readonly path: string
  readonly text: string
  /** A `sqitch.plan` lies above it. */
  readonly sqitchPlan: boolean
}

const BY_TEXT: readonly (readonly [RegExp, MigrationFormat])[] = [
  [/^--\s*migrate:up\b/m, 'dbmate'],
  [/^--\s*\+goose up\b/im, 'goose'],
  [/^--\s*up migration\b/im, 'node-pg-migrate'],
]

/** The tool that a file is for, by its name and its markers; `plain` when none is seen. */
export function detectFormat({ path, text, sqitchPlan }: Clues): MigrationFormat {
  const name = baseName(path)
  if (sqitchPlan && /(^|\/)(deploy|revert|verify)\//.test(path)) return 'sqitch'
  const marked = BY_TEXT.find(([pattern]) => pattern.test(text))
  if (marked !== undefined) return marked[1]
  if (/^(V[\d._]+|[RU][\d._]*)__.*\.sql$/.test(name)) return 'flyway'
  if (name === 'migration.sql' && /^\d{14}/.test(folderName(path))) return 'prisma'
  if (/^\d+_.*\.(up|down)\.sql$/i.test(name)) return 'golang-migrate'
  if (/(^|\/)supabase\/migrations\/\d{14}_[^/]*\.sql$/i.test(path)) return 'supabase'
  return 'plain'
}

/** The way back, or a check: never a migration that goes forward, whichever tool it is for. */
export const isWayBack = (path: string): boolean =>
  /(^|[._-])down\.sql$/i.test(baseName(path)) ||
  /^U[\d._]+__.*\.sql$/.test(baseName(path)) ||
  /(^|\/)(revert|verify)\/[^/]+\.sql$/.test(path)
