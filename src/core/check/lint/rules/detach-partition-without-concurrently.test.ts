import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { detachPartitionWithoutConcurrently as rule } from './detach-partition-without-concurrently.ts'

describe('detach-partition-without-concurrently', () => {
  it('flags it and says that the whole table is locked', () => {
    const [finding] = flagged(rule, 'ALTER TABLE shop.events DETACH PARTITION shop.e1')
    expect(finding?.message).toContain('the whole of shop.events is locked')
    expect(finding?.message).toContain('ACCESS EXCLUSIVE')
  })

  it('passes CONCURRENTLY, FINALIZE and tables that the same change made', () => {
    expect(flagged(rule, 'ALTER TABLE events DETACH PARTITION e1 CONCURRENTLY')).toEqual([])
    expect(flagged(rule, 'ALTER TABLE events DETACH PARTITION e1 FINALIZE')).toEqual([])
    expect(
      flagged(
        rule,
        'CREATE TABLE m (id int) PARTITION BY LIST (id); CREATE TABLE m1 PARTITION OF m FOR VALUES IN (1); ALTER TABLE m DETACH PARTITION m1',
      ),
    ).toEqual([])
  })
})
