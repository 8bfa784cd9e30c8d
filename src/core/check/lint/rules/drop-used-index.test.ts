import { describe, expect, it } from 'vitest'
import { PAYMENTS as production } from '../../../../../test/lint/payments.ts'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { dropUsedIndex } from './drop-used-index.ts'

describe('drop-used-index', () => {
  it('flags an index that production uses, with its scans and a query', () => {
    const snapshot = productionOf({
      schema: ['CREATE TABLE p (id bigint, status text)', 'CREATE INDEX p_status_idx ON p (status)'],
      tables: [{ name: 'p', rows: 50_000_000 }],
      indexes: [{ name: 'p_status_idx', table: 'p', scans: 4210 }],
      workload: { 'SELECT id FROM p WHERE status = $1': 1240 },
    })
    const [finding] = flagged(dropUsedIndex, 'DROP INDEX CONCURRENTLY public.p_status_idx', { snapshot })
    expect(finding?.severity).toBe('warning')
    expect(finding?.message).toContain('used it 4,210 times')
    expect(finding?.message).toContain('SELECT id FROM p WHERE status = $1 (1,240 calls a minute)')
    expect(finding?.remedy).toContain('premortem check compares')
  })

  it('flags an index that was scanned though no known query names its column', () => {
    const findings = flagged(dropUsedIndex, 'DROP INDEX refunds_payment_id_idx', { snapshot: production })
    expect(findings).toHaveLength(1)
  })

  it('is a note when another index begins with the same columns', () => {
    const [finding] = flagged(dropUsedIndex, 'DROP INDEX payments_status_idx', { snapshot: production })
    expect(finding?.severity).toBe('note')
    expect(finding?.message).toContain('payments_status_id_idx')
  })

  it('lets no index stand in for one whose columns are not known', () => {
    const snapshot = productionOf({
      tables: [{ name: 'p', rows: 50_000_000 }],
      indexes: [
        { name: 'p_created_at_idx', table: 'p', scans: 4210 },
        { name: 'p_customer_id_idx', table: 'p', scans: 10 },
      ],
    })
    const [finding] = flagged(dropUsedIndex, 'DROP INDEX p_created_at_idx', { snapshot })
    expect(finding?.severity).toBe('warning')
    expect(finding?.message).not.toContain('stand in')
  })

  it('flags a unique index, used or not: it keeps values unique', () => {
    const snapshot = productionOf({
      schema: ['CREATE TABLE p (email text)', 'CREATE UNIQUE INDEX p_email_idx ON p (email)'],
      tables: [{ name: 'p', rows: 1000 }],
      indexes: [{ name: 'p_email_idx', table: 'p', scans: 0 }],
    })
    expect(flagged(dropUsedIndex, 'DROP INDEX p_email_idx', { snapshot })[0]?.message).toContain('unique')
  })

  it('sees a DROP INDEX within a DO block', () => {
    const sql = 'DO $$ BEGIN\n  DROP INDEX refunds_payment_id_idx;\nEND $$'
    expect(flagged(dropUsedIndex, sql, { snapshot: production })).toHaveLength(1)
  })

  it('accepts an index that nothing uses, a new one, and any without a snapshot', () => {
    expect(flagged(dropUsedIndex, 'DROP INDEX payments_note_idx', { snapshot: production })).toEqual([])
    const made = 'CREATE INDEX i ON payments (status); DROP INDEX i'
    expect(flagged(dropUsedIndex, made, { snapshot: production })).toEqual([])
    expect(flagged(dropUsedIndex, 'DROP INDEX payments_status_idx')).toEqual([])
  })
})
