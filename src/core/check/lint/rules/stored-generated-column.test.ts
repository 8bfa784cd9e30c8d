import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { storedGeneratedColumn as rule } from './stored-generated-column.ts'

const STORED = 'ALTER TABLE orders ADD COLUMN c int GENERATED ALWAYS AS (a * 2) STORED'

describe('stored-generated-column', () => {
  it('flags STORED, and advises VIRTUAL only where the server may have it', () => {
    expect(flagged(rule, STORED)[0]?.remedy).toContain('VIRTUAL')
    expect(flagged(rule, STORED, { serverVersion: 160000 })[0]?.remedy).toMatch(/^Add a plain column/)
  })

  it('flags SET EXPRESSION', () => {
    expect(flagged(rule, 'ALTER TABLE orders ALTER COLUMN c SET EXPRESSION AS (a * 3)')).toHaveLength(1)
  })

  it('passes VIRTUAL, which is what 18 takes it for when nothing is said, and new tables', () => {
    expect(flagged(rule, STORED.replace('STORED', 'VIRTUAL'))).toEqual([])
    expect(flagged(rule, STORED.replace(' STORED', ''))).toEqual([])
    expect(flagged(rule, `CREATE TABLE orders (a int); ${STORED}`)).toEqual([])
  })
})
