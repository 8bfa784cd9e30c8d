import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { concurrentIndexOnPartitionedTable as rule } from './concurrent-index-on-partitioned-table.ts'

const SNAPSHOT = productionOf({
  schema: [
    'CREATE TABLE public.events (id bigint, kind int) PARTITION BY LIST (kind)',
    'CREATE TABLE public.e1 PARTITION OF public.events FOR VALUES IN (1)',
  ],
  tables: [
    { name: 'events', kind: 'p', rows: 0 },
    { name: 'e1', rows: 1000 },
  ],
})

describe('concurrent-index-on-partitioned-table', () => {
  it('flags what PostgreSQL will refuse, from the snapshot and from the migrations', () => {
    expect(flagged(rule, 'CREATE INDEX CONCURRENTLY i ON public.events (id)', { snapshot: SNAPSHOT })).toHaveLength(1)
    const made = 'CREATE TABLE m (id int) PARTITION BY RANGE (id); CREATE INDEX CONCURRENTLY i ON m (id)'
    expect(flagged(rule, made)[0]?.remedy).toContain('ON ONLY m')
  })

  it('passes partitions, plain indexes and ordinary tables', () => {
    expect(flagged(rule, 'CREATE INDEX CONCURRENTLY i ON e1 (id)', { snapshot: SNAPSHOT })).toEqual([])
    expect(flagged(rule, 'CREATE INDEX i ON ONLY events (id)', { snapshot: SNAPSHOT })).toEqual([])
    expect(flagged(rule, 'CREATE INDEX CONCURRENTLY i ON orders (id)')).toEqual([])
  })
})
