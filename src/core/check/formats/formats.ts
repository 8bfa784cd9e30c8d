/** The layouts of migration files that are known, one descriptor each. */
import type { MigrationFormat } from '../sql.ts'
import { asOneMessage, baseName, type Format, folderName, leadingNumber, onlyUp, unlessRefused } from './format.ts'

const isSql = (path: string): boolean => /\.sql$/i.test(path)
const asIs = (text: string): string => text
const byNumber = (path: string): string => leadingNumber(baseName(path))

const plain: Format = {
  id: 'plain',
  accepts: isSql,
  // Folders such as 0001_add_x/up.sql (diesel and others) carry the number.
  version: (path) => (/^\d/.test(baseName(path)) ? byNumber(path) : leadingNumber(folderName(path)) || baseName(path)),
  forward: asIs,
  transactional: unlessRefused,
}

/** https://github.com/golang-migrate/migrate/blob/master/MIGRATIONS.md */
const golangMigrate: Format = {
  id: 'golang-migrate',
  accepts: (path) => /^\d+_.*\.up\.sql$/i.test(baseName(path)),
  version: byNumber,
  forward: asIs,
  transactional: asOneMessage,
}

const DBMATE = [
  { pattern: /^--\s*migrate:up\b/, way: 'up' },
  { pattern: /^--\s*migrate:down\b/, way: 'down' },
] as const

/** https://github.com/amacneil/dbmate#creating-migrations */
const dbmate: Format = {
  id: 'dbmate',
  accepts: (path) => isSql(path) && /^\d/.test(baseName(path)),
  version: byNumber,
  forward: (text) => onlyUp(text, DBMATE, 'down'),
  transactional: ({ text }) => !/^--\s*migrate:up\b.*\btransaction:false\b/m.test(text),
}

/** `V1.2__x.sql` by its numbers, with room for the sorting of `1.10` behind `1.9`; repeatable files come last. */
function flywayVersion(path: string): string {
  const [, kind = 'V', version = ''] = /^([VR])([\d._]*?)__/i.exec(baseName(path)) ?? []
  if (kind.toUpperCase() === 'R') return `~${baseName(path)}`
  return version.replaceAll('_', '.')
}

/** https://documentation.red-gate.com/flyway/flyway-concepts/migrations */
const flyway: Format = {
  id: 'flyway',
  accepts: (path) => /^(V[\d._]+|R)__.*\.sql$/i.test(baseName(path)),
  version: flywayVersion,
  forward: asIs,
  transactional: (source, statements) =>
    !/^\s*executeInTransaction\s*=\s*false\s*$/im.test(source.settings ?? '') && unlessRefused(source, statements),
}

/** https://www.prisma.io/docs/orm/prisma-migrate */
const prisma: Format = {
  id: 'prisma',
  accepts: (path) => baseName(path) === 'migration.sql',
  version: (path) => leadingNumber(folderName(path)),
  forward: asIs,
  transactional: asOneMessage,
}

/** https://sqitch.org/docs/manual/sqitchtutorial/: psql runs the file, transactions are written in it. */
const sqitch: Format = {
  id: 'sqitch',
  accepts: (path) => isSql(path) && /(^|\/)deploy\//.test(path),
  // The order is in sqitch.plan: see `orderBySqitchPlan`.
  version: (path) => path.replace(/^.*\/?deploy\//, '').replace(/\.sql$/i, ''),
  forward: asIs,
  transactional: () => false,
}

const NODE_PG_MIGRATE = [
  { pattern: /^--\s*up migration/i, way: 'up' },
  { pattern: /^--\s*down migration/i, way: 'down' },
] as const

/** https://salsita.github.io/node-pg-migrate/migrations/ */
const nodePgMigrate: Format = {
  id: 'node-pg-migrate',
  accepts: (path) => isSql(path) && /^\d/.test(baseName(path)),
  version: byNumber,
  forward: (text) => onlyUp(text, NODE_PG_MIGRATE, 'up'),
  transactional: () => true,
}

/** https://supabase.com/docs/guides/deployment/database-migrations: all statements and the history in one batch. */
const supabase: Format = {
  id: 'supabase',
  accepts: (path) => /^\d{14}_.*\.sql$/i.test(baseName(path)),
  version: byNumber,
  forward: asIs,
  transactional: () => true,
}

const GOOSE = [
  { pattern: /^--\s*\+goose up\b/i, way: 'up' },
  { pattern: /^--\s*\+goose down\b/i, way: 'down' },
] as const

/** https://pressly.github.io/goose/documentation/annotations/ */
const goose: Format = {
  id: 'goose',
  accepts: (path) => isSql(path) && /^\d/.test(baseName(path)),
  version: byNumber,
  forward: (text) => onlyUp(text, GOOSE, 'down'),
  transactional: ({ text }) => !/^--\s*\+goose no transaction\b/im.test(text),
}

export const FORMATS: Readonly<Record<MigrationFormat, Format>> = {
  plain,
  'golang-migrate': golangMigrate,
  dbmate,
  flyway,
  prisma,
  sqitch,
  'node-pg-migrate': nodePgMigrate,
  supabase,
  goose,
}

export const FORMAT_NAMES = Object.keys(FORMATS) as readonly MigrationFormat[]
