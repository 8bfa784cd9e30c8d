import { describe, expect, it } from 'vitest'
import type { ParsedFile } from '../sql.ts'
import { pendingOf, type ReleaseFiles } from './pending.ts'

const file = (path: string): ParsedFile => ({
  path,
  text: '',
  format: 'plain',
  version: /(\d+)_/.exec(path)?.[1] ?? '',
  transactional: true,
  statements: [],
  ignores: [],
  remarks: [],
})
const paths = (files: readonly ParsedFile[]) => files.map((one) => one.path)

const RELEASES: readonly ReleaseFiles[] = [
  { release: '2.3.0', files: [file('releases/2.3.0/migrations/0001_tables.sql')] },
  { release: '2.3.1', files: [file('releases/2.3.1/migrations/0005_payment_review.sql')] },
  { release: '2.3.2', files: [file('releases/2.3.2/migrations/0006_index.sql')] },
]
const APPLIED = ['2.3.0/0001_tables.sql']

describe('what is pending', () => {
  it('is the release under check, and before it what production does not have; one goes back to what production has', () => {
    const pending = pendingOf({ releases: RELEASES, wanted: '2.3.2', applied: APPLIED })
    expect(paths(pending.earlier)).toEqual(['releases/2.3.1/migrations/0005_payment_review.sql'])
    expect(paths(pending.own)).toEqual(['releases/2.3.2/migrations/0006_index.sql'])
    expect(pending.previous).toBe('2.3.0')
    expect(pending.assumptions[0]).toContain('0005_payment_review.sql')
  })

  it('needs no assumption when production is at the release before', () => {
    const pending = pendingOf({ releases: RELEASES, wanted: '2.3.1', applied: APPLIED })
    expect(pending).toMatchObject({ earlier: [], previous: '2.3.0', assumptions: [] })
  })

  it('leaves out what production has already, and says so', () => {
    const pending = pendingOf({ releases: RELEASES, wanted: '2.3.0', applied: APPLIED })
    expect(pending.own).toEqual([])
    expect(pending.assumptions).toHaveLength(1)
  })

  it('is the whole release when the snapshot names no migrations; the one before counts as applied', () => {
    const pending = pendingOf({ releases: RELEASES, wanted: '2.3.2', applied: [] })
    expect(paths(pending.own)).toEqual(['releases/2.3.2/migrations/0006_index.sql'])
    expect(pending).toMatchObject({ earlier: [], previous: '2.3.1' })
    expect(pending.assumptions).toHaveLength(1)
  })

  it.each([
    ['the version', ['0001', '0002']],
    ['the version as a number', ['1', '2']],
    ['the name of the file', ['0001_a.sql', '0002_b.sql']],
    ['the name without its ending', ['0001_a', '0002_b']],
  ])('of one folder goes by %s that the tool remembers', (_, applied) => {
    const files = ['0001_a.sql', '0002_b.sql', '0003_c.sql'].map((name) => file(`migrations/${name}`))
    const pending = pendingOf({ releases: [{ release: null, files }], wanted: null, applied })
    expect(paths(pending.own)).toEqual(['migrations/0003_c.sql'])
  })

  it('of Prisma goes by the name of the folder', () => {
    const files = ['20240101_a', '20240102_b'].map((name) => file(`prisma/migrations/${name}/migration.sql`))
    const pending = pendingOf({ releases: [{ release: null, files }], wanted: null, applied: ['20240101_a'] })
    expect(paths(pending.own)).toEqual(['prisma/migrations/20240102_b/migration.sql'])
  })
})
