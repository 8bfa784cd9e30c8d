import { describe, expect, it } from 'vitest'
import { PENDING_PLAN } from '../../../test/core/plans.ts'
import { matchIndex } from './index-match.ts'

const index = (definition: string, table = 'payment_transactions') => ({ name: 'i', table, definition })

describe('a dropped index and a plan', () => {
  it('belong together when the plan sorts by its key', () => {
    const match = matchIndex(
      index('CREATE INDEX i ON public.payment_transactions USING btree (created_at)'),
      PENDING_PLAN,
    )
    expect(match).toMatchObject({
      strength: 1,
      direct: true,
      reasons: ['its key created_at is what the plan sorts by'],
    })
  })

  it('belong together more closely when it held only the rows that the plan filters', () => {
    const partial = "CREATE INDEX i ON payment_transactions (created_at) WHERE (status = 'pending'::text)"
    expect(matchIndex(index(partial), PENDING_PLAN)?.reasons).toEqual([
      'its key created_at is what the plan sorts by',
      'it held only the rows that status selects',
    ])
  })

  it('hardly belong together when the plan never asked for the rows that it held', () => {
    const other = 'CREATE INDEX i ON payment_transactions (created_at) WHERE (refunded)'
    expect(matchIndex(index(other), PENDING_PLAN)?.strength).toBeLessThan(0.5)
  })

  it('belong together less when the plan only joins by its key', () => {
    const match = matchIndex(index('CREATE INDEX i ON payment_transactions (customer_id)'), PENDING_PLAN)
    expect(match).toMatchObject({ strength: 0.6, direct: false })
  })

  it.each([
    ['another column', 'CREATE INDEX i ON payment_transactions (amount)', 'payment_transactions'],
    [
      'the column in second place only',
      'CREATE INDEX i ON payment_transactions (method, created_at)',
      'payment_transactions',
    ],
    ['another table', 'CREATE INDEX i ON order_details (created_at)', 'order_details'],
    ['a definition that cannot be read', '', 'payment_transactions'],
  ])('do not with %s', (_, definition, table) => {
    expect(matchIndex(index(definition, table), PENDING_PLAN)).toBeNull()
  })
})
