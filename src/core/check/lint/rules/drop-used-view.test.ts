import { describe, expect, it } from 'vitest'
import { PAYMENTS as production } from '../../../../../test/lint/payments.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { dropUsedView } from './drop-used-view.ts'

describe('drop-used-view', () => {
  it('flags a view that the workload reads', () => {
    const [finding] = flagged(dropUsedView, 'DROP VIEW public.open_payments', { snapshot: production })
    expect(finding?.severity).toBe('error')
    expect(finding?.message).toContain('SELECT count(*) FROM open_payments (6 calls a minute)')
  })

  it.each([
    ['a view that is made again', 'DROP VIEW open_payments; CREATE VIEW open_payments AS SELECT 1'],
    ['a view that nobody reads', 'DROP VIEW "Other"'],
    ['a view of the same file', 'CREATE VIEW v AS SELECT 1; DROP VIEW v'],
    ['a table', 'DROP TABLE customers'],
  ])('accepts %s', (_, sql) => {
    expect(flagged(dropUsedView, sql, { snapshot: production })).toEqual([])
  })

  it('says nothing without a snapshot', () => {
    expect(flagged(dropUsedView, 'DROP VIEW open_payments')).toEqual([])
  })
})
