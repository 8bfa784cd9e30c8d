import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { indexCorruptionVersion } from './index-corruption-version.ts'

describe('index-corruption-version', () => {
  const build = 'CREATE INDEX CONCURRENTLY i ON t (a)'

  it.each([
    ['14.0', 140000, build],
    ['14.3', 140003, 'REINDEX INDEX CONCURRENTLY "Sales"."I"'],
  ])('flags a concurrent build on %s', (_, serverVersion, sql) => {
    expect(flagged(indexCorruptionVersion, sql, { serverVersion })).toHaveLength(1)
  })

  it.each([
    ['13.9', 130009],
    ['14.4', 140004],
    ['16.1', 160001],
  ])('accepts it on %s', (_, serverVersion) => {
    expect(flagged(indexCorruptionVersion, build, { serverVersion })).toEqual([])
  })

  it('accepts a build that is not concurrent, and any build when the version is not known', () => {
    expect(flagged(indexCorruptionVersion, 'CREATE INDEX i ON t (a)', { serverVersion: 140001 })).toEqual([])
    expect(flagged(indexCorruptionVersion, build)).toEqual([])
  })
})
