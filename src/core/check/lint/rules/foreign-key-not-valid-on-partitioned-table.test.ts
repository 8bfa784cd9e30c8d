import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { foreignKeyNotValidOnPartitionedTable as rule } from './foreign-key-not-valid-on-partitioned-table.ts'

const MADE = 'CREATE TABLE e1 PARTITION OF events FOR VALUES IN (1);'
const ADD = 'ALTER TABLE events ADD CONSTRAINT fk FOREIGN KEY (u) REFERENCES users (id) NOT VALID'

describe('foreign-key-not-valid-on-partitioned-table', () => {
  it('is an error where the server is too old, and a warning where nobody knows', () => {
    expect(flagged(rule, `${MADE} ${ADD}`, { serverVersion: 170004 })[0]?.severity).toBe('error')
    expect(flagged(rule, `${MADE} ${ADD}`)[0]?.severity).toBe('warning')
  })

  it('passes 18, ordinary tables, partitions, and keys that are validated at once', () => {
    expect(flagged(rule, `${MADE} ${ADD}`, { serverVersion: 180000 })).toEqual([])
    expect(flagged(rule, ADD, { serverVersion: 170004 })).toEqual([])
    expect(flagged(rule, `${MADE} ${ADD.replace('events', 'e1')}`, { serverVersion: 170004 })).toEqual([])
    expect(flagged(rule, `${MADE} ${ADD.replace(' NOT VALID', '')}`, { serverVersion: 170004 })).toEqual([])
  })
})
