import { describe, expect, it } from 'vitest'
import { delta, INDEX, kept, LIST, PAY, type Story, stuck, told } from '../../../test/core/diagnosis-story.ts'
import { BAD, GOOD } from '../../../test/core/observe.ts'
import { PENDING_PLAN } from '../../../test/core/plans.ts'
import type { Observation } from '../watch/samples.ts'

describe('the incident of the dropped index', () => {
  it('is named at the first look after the first alert, with release, statement, index, file and line', () => {
    const { causes } = told()
    expect(causes).toHaveLength(1)
    expect(causes[0]?.second).toBe(18)
    expect(causes[0]?.cause).toMatchObject({
      kind: 'index-dropped-by-release',
      release: BAD,
      index: INDEX,
      migrationFile: '0005_review.sql',
      migrationLine: 9,
      statement: expect.stringContaining('where pt.status = $1 order by pt.created_at desc'),
    })
    expect(causes[0]?.cause.score).toBeGreaterThan(0.9)
  })

  it('comes with its evidence in numbers', () => {
    const { first } = told()
    expect(first?.evidence).toEqual([
      '0005_review.sql:9 of 2.3.1 dropped idx_payment_transactions_created_at at 14:15:11 UTC, 7 s before',
      "plan: Seq Scan on payment_transactions, filter status = 'pending', sorted by pt.created_at DESC; of the dropped index: its key created_at is what the plan sorts by, and it held only the rows that status selects",
      '8 of 9 running statements of payment-service are this one (payment-service@2.3.1), the oldest since 4.2 s',
      expect.stringMatching(
        /^it takes 9\d(\.\d)? % of the database time that was seen: 21 executions of 4,000 ms on average$/,
      ),
      'it was not seen before 2.3.1 was released at 14:15:10 UTC',
    ])
    expect(first?.plan[0]).toContain('Sort')
  })

  it('comes with what helps, and what does not', () => {
    const advice = told().first?.advice.join('\n') ?? ''
    expect(advice).toContain('Roll back payment-service to 2.3.0')
    expect(advice).toContain(
      'CREATE INDEX CONCURRENTLY idx_payment_transactions_created_at ON public.payment_transactions',
    )
    expect(advice).toContain('More connections will not help')
    expect(advice).toContain('More replicas will not help')
  })

  it('is named just so when the judge speaks before any alert', () => {
    expect(told({ bad: true }).first).toMatchObject({ kind: 'index-dropped-by-release', index: INDEX })
  })

  it('is named though the rollback was faster than the look', () => {
    const also: Story['also'] = (second, event) =>
      second === 18
        ? [
            event(18, 'release.rollback-decided', { release: BAD, to: GOOD, why: [] }),
            event(18, 'release.rolled-back', { release: BAD, to: GOOD }),
          ]
        : []
    const { first, state } = told({ bad: true, also })
    expect(first).toMatchObject({ kind: 'index-dropped-by-release' })
    expect(first?.advice[0]).toContain('The rollback to 2.3.0 is decided')
    expect(state.episode).toBeNull()
  })

  it('does not promise that a rollback cures a statement which the release before runs as well', () => {
    const { first } = told({ seen: (second) => stuck(second, PAY), explain: () => PENDING_PLAN })
    expect(first?.kind).toBe('index-dropped-by-release')
    expect(first?.advice[0]).toContain('A rollback alone does not help')
    expect(first?.evidence.at(-1)).toContain('before the release it took 3 ms on average')
  })
})

describe('a text that pg_stat_activity cut off', () => {
  const long = LIST.replace('pt.id', `pt.id, ${Array.from({ length: 120 }, (_, i) => `pt.column_${i}`).join(', ')}`)
  const cut = long.slice(0, 1023)
  const seen = (second: number): Observation => {
    const whole = stuck(second, long)
    const statements = [delta(PAY, 40, 140), { ...delta(kept(long), 3, 12_000), queryId: '77' }]
    const sessions = whole.database?.running.map((one) =>
      one.query === long ? { ...one, query: cut, queryId: '77' } : one,
    )
    return { ...whole, database: whole.database && { ...whole.database, running: sessions ?? [], statements } }
  }

  it('is planned from the whole text of pg_stat_statements, with the value that the dropped index was for', () => {
    const { first, asked } = told({ seen })
    expect(kept(long)).toContain('status = $1')
    expect(asked).toContain(long)
    expect(asked).not.toContain(cut)
    expect(first).toMatchObject({ kind: 'index-dropped-by-release', statement: expect.stringContaining('order by') })
  })
})
