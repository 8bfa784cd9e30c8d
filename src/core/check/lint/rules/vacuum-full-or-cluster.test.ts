import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { vacuumFullOrCluster as rule } from './vacuum-full-or-cluster.ts'

describe('vacuum-full-or-cluster', () => {
  it('flags every way to write it', () => {
    for (const sql of ['VACUUM FULL t', 'VACUUM (FULL, ANALYZE) t', 'VACUUM FULL', 'CLUSTER t USING i', 'CLUSTER'])
      expect(flagged(rule, sql)).toHaveLength(1)
    expect(flagged(rule, 'VACUUM FULL a, "B"')).toHaveLength(2)
  })

  it('passes plain VACUUM, FULL switched off and new tables', () => {
    for (const sql of [
      'VACUUM t',
      'VACUUM (ANALYZE) t',
      'VACUUM (FULL false) t',
      'CREATE TABLE n (id int PRIMARY KEY); CLUSTER n USING n_pkey',
    ])
      expect(flagged(rule, sql)).toEqual([])
  })
})
