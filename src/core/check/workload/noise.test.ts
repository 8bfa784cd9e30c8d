import { describe, expect, it } from 'vitest'
import { mergeStatements } from './counted.ts'

const textsOf = (...texts: readonly string[]) =>
  mergeStatements(texts.map((text) => ({ text, role: 'app', calls: 1, totalMs: 1, rows: 1, minutes: 1 }))).queries.map(
    ({ text }) => text,
  )

describe('counted statements', () => {
  it.each([
    'select pg_stat_statements_reset()',
    'SELECT public.pg_stat_reset() AS done;',
    'select pg_stat_statements_reset($1, $2, $3)',
    'select * from pg_stat_activity',
  ])('leave out what only monitoring asks: %s', (text) => {
    expect(textsOf(text)).toEqual([])
  })

  it('keep queries of the application, even those that call such a function too', () => {
    const both = 'SELECT id, pg_stat_get_numscans($1) FROM payments'
    expect(textsOf(both)).toEqual([both])
  })
})
