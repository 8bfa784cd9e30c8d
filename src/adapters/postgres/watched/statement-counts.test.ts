import { describe, expect, it } from 'vitest'
import { parseApplication } from './application-name.ts'
import { StatementCounts } from './statement-counts.ts'

const row = (queryId: string, calls: number, totalMs = calls * 2) => ({ queryId, calls, totalMs, rows: calls })

describe('the counts of statements', () => {
  it('are what was added since the look before, the most costly first, without those that did not run', () => {
    const counts = new StatementCounts()
    expect(counts.increases([row('a', 100), row('b', 5), row('c', 1)], 'r')).toEqual([])
    expect(counts.increases([row('a', 101), row('b', 9, 500), row('c', 1)], 'r')).toEqual([
      { queryId: 'b', calls: 4, totalMs: 490, rows: 4 },
      { queryId: 'a', calls: 1, totalMs: 2, rows: 1 },
    ])
  })

  it('begin at 0 for a statement that appears, or was pushed out of the view and came back', () => {
    const counts = new StatementCounts()
    counts.increases([row('a', 7)], 'r')
    expect(counts.increases([row('a', 7), row('new', 3)], 'r')).toEqual([row('new', 3)])
    counts.increases([row('new', 3)], 'r')
    expect(counts.increases([row('a', 9)], 'r')).toEqual([row('a', 9)])
  })

  it('begin at 0 after a reset, even when they have passed their old value', () => {
    const counts = new StatementCounts()
    counts.increases([row('a', 7)], 'r')
    expect(counts.increases([row('a', 2)], 'r')).toEqual([row('a', 2)])
    expect(counts.increases([row('a', 8)], 'later')).toEqual([row('a', 8)])
  })
})

describe('an application name', () => {
  it('says whose connection it is when it is tagged', () => {
    expect(parseApplication('payment-service@2.3.1')).toEqual({ service: 'payment-service', release: '2.3.1' })
  })

  it.each(['', 'psql', '@2.3.1', 'payment-service@', 'a@b@c', 'a b@1', 'pgAdmin 4 - DB:x@y'])(
    'says nothing when it is %j',
    (name) => {
      expect(parseApplication(name)).toEqual({ service: null, release: null })
    },
  )
})
