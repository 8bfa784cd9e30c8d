import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { exclusionConstraintOnExistingTable as rule } from './exclusion-constraint-on-existing-table.ts'

const EXCLUDE = 'EXCLUDE USING gist (room WITH =, during WITH &&)'

describe('exclusion-constraint-on-existing-table', () => {
  it('flags it, named or not', () => {
    expect(flagged(rule, `ALTER TABLE bookings ADD CONSTRAINT no_overlap ${EXCLUDE}`)[0]?.message).toContain(
      'no_overlap on bookings',
    )
    expect(flagged(rule, `ALTER TABLE "B" ADD ${EXCLUDE}`)[0]?.message).toContain('"B"')
  })

  it('passes new tables', () => {
    expect(flagged(rule, `CREATE TABLE b (room int, during tstzrange, ${EXCLUDE})`)).toEqual([])
    expect(flagged(rule, `CREATE TABLE b (room int); ALTER TABLE b ADD ${EXCLUDE}`)).toEqual([])
  })
})
