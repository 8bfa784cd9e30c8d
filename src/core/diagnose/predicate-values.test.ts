import { describe, expect, it } from 'vitest'
import { withPredicateValues } from './predicate-values.ts'

const partial = {
  name: 'idx_created_at',
  table: 'payment_transactions',
  definition:
    "CREATE INDEX idx_created_at ON public.payment_transactions USING btree (created_at) WHERE (status = 'pending'::text)",
}
const whole = {
  ...partial,
  definition: 'CREATE INDEX idx_created_at ON public.payment_transactions USING btree (created_at)',
}

describe('values from the condition of a dropped index', () => {
  it('stand in for the parameter that is compared with the same column, and for no other', () => {
    const text =
      'SELECT * FROM payment_transactions pt WHERE pt.status = $1 AND pt.id > $10 ORDER BY pt.created_at LIMIT $2'
    expect(withPredicateValues(text, [partial])).toBe(
      "SELECT * FROM payment_transactions pt WHERE pt.status = 'pending' AND pt.id > $10 ORDER BY pt.created_at LIMIT $2",
    )
  })

  it('are none where the index has no condition or the statement does not compare that column', () => {
    expect(withPredicateValues('SELECT * FROM payment_transactions WHERE status = $1', [whole])).toBeNull()
    expect(withPredicateValues('SELECT * FROM payment_transactions WHERE id = $1', [partial])).toBeNull()
    expect(withPredicateValues('SELECT * FROM payment_transactions WHERE status = $1', [])).toBeNull()
  })

  it('are put in as they stand, also when they look like a replacement pattern', () => {
    const odd = { ...partial, definition: "CREATE INDEX i ON t USING btree (a) WHERE (status = '$&$1'::text)" }
    expect(withPredicateValues('SELECT 1 FROM t WHERE status = $1', [odd])).toBe(
      "SELECT 1 FROM t WHERE status = '$&$1'",
    )
  })
})
