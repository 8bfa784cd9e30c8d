import { describe, expect, it } from 'vitest'
import { loadSqlParser } from '../../../adapters/sqlparser/parser.ts'
import type { MigrationFormat } from '../sql.ts'
import { detectFormat, isWayBack } from './detect.ts'
import { changesOfPlan, compareVersions, inOrder } from './order.ts'
import { parseMigration } from './parse.ts'

const parser = await loadSqlParser()

const parse = (
  path: string,
  text: string,
  of: { format?: MigrationFormat; settings?: string; sqitchPlan?: boolean } = {},
) =>
  parseMigration(
    { path, text, settings: of.settings ?? null },
    { parser, format: of.format ?? detectFormat({ path, text, sqitchPlan: of.sqitchPlan ?? false }) },
  )

describe('the tool that a file is for', () => {
  it.each<[string, string, MigrationFormat]>([
    ['db/0001_users.sql', 'SELECT 1', 'plain'],
    ['migrations/2024-01-02-030405_users/up.sql', 'SELECT 1', 'plain'],
    ['db/1_users.up.sql', 'SELECT 1', 'golang-migrate'],
    ['db/20240315141500_users.sql', '-- migrate:up\nSELECT 1', 'dbmate'],
    ['sql/V1__users.sql', 'SELECT 1', 'flyway'],
    ['sql/V1.2.3__users.sql', 'SELECT 1', 'flyway'],
    ['sql/R__views.sql', 'SELECT 1', 'flyway'],
    ['prisma/migrations/20240315141500_users/migration.sql', 'SELECT 1', 'prisma'],
    ['migrations/1700000000000_users.sql', '-- Up Migration\nSELECT 1', 'node-pg-migrate'],
    ['supabase/migrations/20240315141500_users.sql', 'SELECT 1', 'supabase'],
    ['db/00001_users.sql', '-- +goose Up\nSELECT 1', 'goose'],
  ])('%s with %j: %s', (path, text, format) => {
    expect(detectFormat({ path, text, sqitchPlan: false })).toBe(format)
  })

  it('is sqitch where a plan lies above it', () => {
    expect(detectFormat({ path: 'deploy/users.sql', text: 'SELECT 1', sqitchPlan: true })).toBe('sqitch')
    expect(detectFormat({ path: 'deploy/users.sql', text: 'SELECT 1', sqitchPlan: false })).toBe('plain')
  })
})

describe('the way back', () => {
  it.each(['1_x.down.sql', 'a/down.sql', 'U2__x.sql', 'revert/x.sql', 'verify/x.sql', '0001_x_down.sql'])(
    '%s is left out',
    (path) => {
      expect(isWayBack(path)).toBe(true)
    },
  )
  it.each(['1_x.up.sql', 'a/up.sql', '0001_shutdown.sql', 'V2__x.sql', '0003_break_down_totals.sql'])(
    '%s is not one',
    (path) => {
      expect(isWayBack(path)).toBe(false)
    },
  )

  it.each<[string, string]>([
    ['dbmate', '-- migrate:up\nCREATE TABLE a ();\n-- migrate:down\nDROP TABLE a;\n'],
    ['dbmate', '-- migrate:down\nDROP TABLE a;\n-- migrate:up\nCREATE TABLE a ();\n'],
    [
      'goose',
      '-- +goose Up\n-- +goose StatementBegin\nCREATE TABLE a ();\n-- +goose StatementEnd\n-- +goose Down\nDROP TABLE a;',
    ],
    ['node-pg-migrate', '-- Up Migration\nCREATE TABLE a ();\n-- Down Migration\nDROP TABLE a;'],
  ])('within a file of %s is blank, and lines stay', (format, text) => {
    const { statements, text: kept, format: found } = parse('0001_a.sql', text)
    expect(found).toBe(format)
    expect(kept).toBe(text)
    expect(statements.map(({ sql }) => sql)).toEqual(['CREATE TABLE a ()'])
    const [only] = statements
    expect(text.slice(only?.offset).startsWith('CREATE TABLE a')).toBe(true)
    expect(text.split('\n')[(only?.line ?? 0) - 1]).toBe('CREATE TABLE a ();')
  })
})

const TWO = 'CREATE TABLE a (); CREATE TABLE b ()'
const CONCURRENT = 'CREATE INDEX CONCURRENTLY i ON a (b)'

describe('whether a file is one transaction', () => {
  it.each<[string, string, boolean]>([
    ['0001_a.sql', TWO, true],
    ['0001_a.sql', CONCURRENT, false],
    ['0001_a.sql', `BEGIN; ${TWO}; COMMIT`, false],
    ['0001_a.sql', 'VACUUM a', false],
    ['0001_a.sql', 'ALTER TABLE a DETACH PARTITION b CONCURRENTLY', false],
    ['0001_a.sql', 'REINDEX INDEX CONCURRENTLY i', false],
    ['1_a.up.sql', TWO, true],
    ['1_a.up.sql', CONCURRENT, false],
    ['1_a.up.sql', `${TWO}; ${CONCURRENT}`, true],
    ['0001_a.sql', `-- migrate:up\n${CONCURRENT}`, true],
    ['0001_a.sql', `-- migrate:up transaction:false\n${CONCURRENT}`, false],
    ['V1__a.sql', TWO, true],
    ['V1__a.sql', CONCURRENT, false],
    ['prisma/migrations/20240315141500_a/migration.sql', `${TWO}; ${CONCURRENT}`, true],
    ['prisma/migrations/20240315141500_a/migration.sql', CONCURRENT, false],
    ['supabase/migrations/20240315141500_a.sql', CONCURRENT, true],
    ['0001_a.sql', `-- Up Migration\n${TWO}`, true],
    ['0001_a.sql', `-- +goose Up\n${TWO}`, true],
    ['0001_a.sql', `-- +goose NO TRANSACTION\n-- +goose Up\n${CONCURRENT}`, false],
  ])('%s: %s → %s', (path, text, transactional) => {
    expect(parse(path, text).transactional).toBe(transactional)
  })

  it('is what Flyway’s file of settings says', () => {
    expect(parse('V1__a.sql', TWO, { settings: 'executeInTransaction=false\n' }).transactional).toBe(false)
    expect(parse('V1__a.sql', TWO, { settings: 'executeInTransaction=true\n' }).transactional).toBe(true)
  })

  it('is written in the file for sqitch', () => {
    expect(parse('deploy/a.sql', `BEGIN; ${TWO}; COMMIT`, { sqitchPlan: true }).transactional).toBe(false)
  })
})

describe('the order of files', () => {
  const order = (paths: readonly string[], of: Parameters<typeof parse>[2] = {}, plan: readonly string[] = []) =>
    inOrder(
      paths.map((path) => parse(path, 'SELECT 1', of)),
      plan,
    ).map(({ path }) => path)

  it('is by number, not by character', () => {
    expect(order(['10_a.sql', '9_b.sql', '0001_c.sql'])).toEqual(['0001_c.sql', '9_b.sql', '10_a.sql'])
    expect(order(['V1.10__a.sql', 'V1.9__b.sql', 'R__z.sql', 'V2__c.sql'])).toEqual([
      'V1.9__b.sql',
      'V1.10__a.sql',
      'V2__c.sql',
      'R__z.sql',
    ])
  })

  it('is by folder where the folder carries the number', () => {
    const paths = ['m/2024-02-01-000000_b/up.sql', 'm/2024-01-01-000000_c/up.sql', 'm/2024-01-01-000000_a/up.sql']
    expect(order(paths)).toEqual([...paths].reverse())
  })

  it('is that of the plan for sqitch', () => {
    const plan =
      '%syntax-version=1.0.0\n%project=x\n\nusers 2024-01-01T00:00:00Z a <a@b> # first\n@v1 2024 a <a@b>\naccounts [users] 2024-01-02T00:00:00Z a <a@b>\n'
    expect(changesOfPlan(plan)).toEqual(['users', 'accounts'])
    const paths = ['deploy/zz.sql', 'deploy/accounts.sql', 'deploy/users.sql']
    expect(order(paths, { sqitchPlan: true }, changesOfPlan(plan))).toEqual([
      'deploy/users.sql',
      'deploy/accounts.sql',
      'deploy/zz.sql',
    ])
  })

  it('compares versions of any length', () => {
    expect(compareVersions('20240315141500', '20240315141501')).toBe(-1)
    expect(compareVersions('1.2', '1.2.0')).toBe(0)
    expect(compareVersions('99999999999999999999', '99999999999999999998')).toBe(1)
  })
})

describe('a byte order mark', () => {
  it('is no SQL, and moves nothing', () => {
    const { statements } = parse('0001_a.sql', '\ufeffSELECT 1')
    expect(statements.map(({ sql, offset }) => [sql, offset])).toEqual([['SELECT 1', 1]])
  })
})
