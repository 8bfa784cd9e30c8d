import { describe, expect, it } from 'vitest'
import { openPhantom } from './fidelity-helpers.ts'
import { bigSnapshot, planOf } from './fidelity-snapshots.ts'

const PENDING = "select id from payments where status = 'pending' order by id limit 10"

describe('an index that a failed CREATE INDEX CONCURRENTLY left behind', () => {
  it('is on the phantom, and no plan uses it', async () => {
    const snapshot = bigSnapshot()
    const invalid = snapshot.relations.map((one) => (one.name === 'payments_pending' ? { ...one, valid: false } : one))
    const whole = await openPhantom(snapshot)
    expect(JSON.stringify(await planOf(whole, PENDING))).toContain('payments_pending')
    const phantom = await openPhantom({ ...snapshot, relations: invalid })
    expect(phantom.skipped).toEqual([])
    expect(JSON.stringify(await planOf(phantom, PENDING))).not.toContain('payments_pending')
    const there = { statements: 0, analysed: false, extra: [], jitter: null }
    expect(await phantom.sizeOf('payments_pending', there, new AbortController().signal)).not.toBeNull()
  })
})
