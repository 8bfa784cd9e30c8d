import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_OFFENDERS, type PaymentRow, reconcile, type ToldPayment } from './reconcile.ts'

const told = (over: Partial<ToldPayment> = {}): ToldPayment => ({
  key: 'k1',
  orderId: '1',
  paymentId: '101',
  told: 'accepted',
  toldSettled: false,
  ...over,
})
const row = (over: Partial<PaymentRow> = {}): PaymentRow => ({
  id: '101',
  key: 'k1',
  orderId: '1',
  status: 'settled',
  settlements: 1,
  ...over,
})
const check = (payments: readonly ToldPayment[], rows: readonly PaymentRow[], queueEmpty = true) =>
  reconcile({ told: payments, rows, queueEmpty })

describe('the reconciliation', () => {
  it('finds nothing wrong with nothing', () => {
    expect(check([], [])).toEqual({
      told: 0,
      settled: 0,
      failed: 0,
      refunded: 0,
      open: 0,
      lost: 0,
      double: 0,
      toldFailedButMade: 0,
      offenders: [],
    })
  })

  it.each([
    ['settled', 'settled'],
    ['failed', 'failed'],
    ['refunded', 'refunded'],
    ['pending', 'open'],
    ['in-review', 'open'],
  ] as const)('counts a payment with status %s as %s', (status, counted) => {
    expect(check([told()], [row({ status })])).toMatchObject({ told: 1, [counted]: 1, lost: 0, double: 0 })
  })

  it('calls an accepted payment without a row lost, and names it', () => {
    expect(check([told()], [])).toMatchObject({ told: 1, lost: 1, offenders: [{ kind: 'lost', key: 'k1' }] })
  })

  it('calls a payment lost when the number that the client holds belongs to another key', () => {
    expect(check([told(), told({ key: 'k2', orderId: '2' })], [row()])).toMatchObject({ settled: 1, lost: 1 })
    expect(check([told({ paymentId: '102' })], [row()])).toMatchObject({ settled: 0, lost: 1 })
  })

  it('calls a settlement lost that the client was told of and that is not there', () => {
    expect(check([told({ toldSettled: true })], [row({ status: 'pending', settlements: 0 })])).toMatchObject({
      lost: 1,
    })
    expect(check([told()], [row({ settlements: 0 })])).toMatchObject({ settled: 0, lost: 1 })
  })

  it('waits for delayed payments while the queue has some, and calls them lost when it is empty', () => {
    const delayed = told({ told: 'delayed', paymentId: null })
    expect(check([delayed], [], false)).toMatchObject({ open: 1, lost: 0 })
    expect(check([delayed], [], true)).toMatchObject({ open: 0, lost: 1 })
    expect(check([delayed], [row()], true)).toMatchObject({ settled: 1, lost: 0 })
  })

  it('counts two payments for one order as a double and names the one that nobody asked for', () => {
    const rows = [row({ id: '100', key: 'foreign' }), row()]
    expect(check([told()], rows)).toMatchObject({
      settled: 1,
      double: 1,
      offenders: [{ kind: 'double', paymentId: '100' }],
    })
  })

  it('does not call it a double when the client asked twice', () => {
    expect(
      check([told(), told({ key: 'k2', paymentId: '102' })], [row(), row({ id: '102', key: 'k2' })]),
    ).toMatchObject({
      settled: 2,
      double: 0,
    })
  })

  it('counts a second settlement of one payment as a double', () => {
    expect(check([told()], [row({ settlements: 2 })])).toMatchObject({ settled: 1, double: 1 })
  })

  it('shows a payment whose client was told that it failed, without counting it as told', () => {
    expect(check([told({ told: 'failed', paymentId: null })], [row()])).toMatchObject({
      told: 0,
      toldFailedButMade: 1,
      offenders: [{ kind: 'told-failed-but-made', paymentId: '101' }],
    })
  })
})

/** A book of n attempts and the rows that a correct system makes of it. */
const sound = fc
  .array(
    fc.record({
      told: fc.constantFrom('accepted', 'delayed', 'failed'),
      status: fc.constantFrom('pending', 'settled', 'failed', 'refunded'),
    }),
    { maxLength: 120 },
  )
  .map((list) => {
    const payments = list.map(({ told: what, status }, index) =>
      told({
        key: `k${index}`,
        orderId: `${index}`,
        paymentId: what === 'accepted' ? `${1000 + index}` : null,
        told: what,
        toldSettled: what === 'accepted' && status === 'settled',
      }),
    )
    const rows = list.flatMap(({ told: what, status }, index) =>
      what === 'failed'
        ? []
        : [
            row({
              id: `${1000 + index}`,
              key: `k${index}`,
              orderId: `${index}`,
              status,
              settlements: status === 'settled' ? 1 : 0,
            }),
          ],
    )
    return { payments, rows }
  })

describe('the reconciliation of any book', () => {
  it('R1: finds every told payment exactly once, and nothing lost or double in a correct system', () => {
    fc.assert(
      fc.property(sound, ({ payments, rows }) => {
        const result = check(payments, rows)
        expect(result.told).toBe(payments.filter((payment) => payment.told !== 'failed').length)
        expect(result.settled + result.failed + result.refunded + result.open).toBe(result.told)
        expect(result).toMatchObject({ lost: 0, double: 0, toldFailedButMade: 0, offenders: [] })
      }),
    )
  })

  it('R2: finds exactly the rows that were taken away', () => {
    fc.assert(
      fc.property(sound, fc.array(fc.nat()), ({ payments, rows }, picks) => {
        const gone = new Set(picks.map((pick) => rows[pick % Math.max(1, rows.length)]?.id))
        const kept = rows.filter((one) => !gone.has(one.id))
        const result = check(payments, kept)
        expect(result.lost).toBe(rows.length - kept.length)
        expect(result.settled + result.failed + result.refunded + result.open + result.lost).toBe(result.told)
        expect(result.offenders.length).toBe(Math.min(MAX_OFFENDERS, result.lost))
      }),
    )
  })

  it('R3: finds exactly the payments that were made twice, by key or by order, and settled twice', () => {
    fc.assert(
      fc.property(
        sound,
        fc.array(fc.tuple(fc.nat(), fc.constantFrom('key', 'order', 'settlement'))),
        fc.nat(),
        ({ payments, rows }, picks, cut) => {
          let changed = [...rows]
          let injected = 0
          for (const [pick, way] of rows.length === 0 ? [] : picks) {
            const original = changed[pick % rows.length]
            if (!original) continue
            if (way === 'settlement') {
              if (original.settlements === 0) continue
              changed = changed.with(pick % rows.length, { ...original, settlements: original.settlements + 1 })
            } else {
              const key = way === 'key' ? original.key : `foreign-${injected}`
              changed.push({ ...original, id: `${9000 + injected}`, key, settlements: 0, status: 'pending' })
            }
            injected++
          }
          const at = cut % (changed.length + 1)
          const rotated = [...changed.slice(at), ...changed.slice(0, at)]
          const result = check(payments, rotated)
          expect(result.double).toBe(injected)
          expect(result.told).toBe(payments.filter((payment) => payment.told !== 'failed').length)
        },
      ),
    )
  })
})
