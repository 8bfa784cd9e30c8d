import { describe, expect, it } from 'vitest'
import { INDEX, migration, PAY, type Story, stuck, told } from '../../../test/core/diagnosis-story.ts'
import { BAD } from '../../../test/core/observe.ts'
import { PENDING_PLAN } from '../../../test/core/plans.ts'
import type { Facts } from '../events.ts'
import type { Observation } from '../watch/samples.ts'

const CHANGE: Facts['database.changed'] = { settings: [], dropped: [], created: [], invalid: [], valid: [] }
const changed =
  (changes: Readonly<Record<number, Partial<Facts['database.changed']>>>): Story['also'] =>
  (second, event) => {
    const change = changes[second]
    return change === undefined ? [] : [event(second, 'database.changed', { ...CHANGE, ...change })]
  }
/** The old statement of payments is what is slow. */
const slowPay = (second: number) => stuck(second, PAY)

describe('an index that somebody dropped by hand', () => {
  it('is named as the cause, with the time at which it was seen missing and no release', () => {
    const { first } = told({
      release: false,
      seen: slowPay,
      explain: () => PENDING_PLAN,
      also: changed({ 11: { dropped: [INDEX] } }),
    })
    expect(first).toMatchObject({
      kind: 'index-dropped',
      release: null,
      migrationFile: null,
      migrationLine: null,
      index: INDEX,
    })
    expect(first?.summary).toContain('is gone, dropped by no migration that is known')
    expect(first?.evidence[0]).toBe(
      'idx_payment_transactions_created_at was seen missing at 14:15:11 UTC, 7 s before; no known migration dropped it',
    )
    expect(first?.advice[0]).toBe('A rollback does not help: no release took the index away.')
  })

  it('is not named when it is there again and valid', () => {
    const kinds = (later: Partial<Facts['database.changed']>) =>
      told({ migrations: [], also: changed({ 11: { dropped: [INDEX] }, 14: later }) }).first?.kind
    expect(kinds({})).toBe('index-dropped')
    expect(kinds({ created: [INDEX] })).toBe('slow-statement-of-release')
    expect(kinds({ created: [INDEX], invalid: [INDEX.name] })).toBe('index-dropped')
    expect(kinds({ valid: [INDEX.name] })).toBe('slow-statement-of-release')
  })
})

describe('an index that a migration dropped', () => {
  it('stays the release’s when the look at the catalog misses it as well', () => {
    const { first, state } = told({ also: changed({ 14: { dropped: [INDEX] } }) })
    expect(first).toMatchObject({ kind: 'index-dropped-by-release', release: BAD, migrationLine: 9 })
    expect(state.dropped).toHaveLength(1)
  })

  it('becomes the release’s when the look came before the migration was recorded, also after it was named', () => {
    const before = told({ also: changed({ 11: { dropped: [INDEX] } }) })
    expect(before.causes.map(({ cause }) => cause.kind)).toEqual(['index-dropped-by-release'])
    const late = told({
      migrations: [],
      also: (second, event) => [
        ...(changed({ 11: { dropped: [INDEX] } })?.(second, event) ?? []),
        ...(second === 22 ? [event(22, 'migration.applied', migration([INDEX]))] : []),
      ],
    })
    expect(late.causes.map(({ cause }) => cause.kind)).toEqual(['index-dropped', 'index-dropped-by-release'])
    expect(late.state.dropped).toHaveLength(1)
  })

  it('is not forgotten for a look that is older than its drop', () => {
    const late: Story['also'] = (second, event) => {
      if (second !== 12) return []
      return [event(10, 'database.changed', { ...CHANGE, created: [INDEX] })]
    }
    expect(told({ also: late }).first?.kind).toBe('index-dropped-by-release')
  })
})

describe('an index that is there and not valid', () => {
  it('stands in the evidence when it would serve the statement', () => {
    const invalid = { ...INDEX, valid: false, sizeBytes: 0, scans: 0 }
    const other = {
      ...invalid,
      name: 'idx_other',
      definition: 'CREATE INDEX idx_other ON payment_transactions (amount)',
    }
    const withInventory = (one: Observation): Observation => ({
      ...one,
      database: one.database && { ...one.database, inventory: { settings: {}, indexes: [other, invalid] } },
    })
    const seen = (second: number) => (second === 15 ? withInventory(stuck(second)) : stuck(second))
    const evidence = told({ migrations: [], seen }).first?.evidence ?? []
    expect(evidence.filter((line) => line.includes('not valid'))).toEqual([
      expect.stringContaining(
        `the index ${INDEX.name} of payment_transactions is there but not valid, so it is not used`,
      ),
    ])
  })
})
