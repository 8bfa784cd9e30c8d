import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type HttpClient, httpClient } from '../../src/adapters/load/http-client.ts'
import type { OperationContext } from '../../src/adapters/load/operation.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { prng } from '../../src/base/prng.ts'
import { epochMs, ms } from '../../src/base/time.ts'
import { type Book, createBook } from '../../src/cli/drill/traffic/book.ts'
import { closeBook } from '../../src/cli/drill/traffic/close.ts'
import { startPaymentTraffic } from '../../src/cli/drill/traffic/index.ts'
import { type PaymentOperation, paymentTraffic } from '../../src/cli/drill/traffic/payments.ts'
import type { RequestOutcome } from '../../src/core/rehearse/load.ts'
import { reconcile } from '../../src/core/rehearse/reconcile.ts'
import { arrivals } from '../../src/core/rehearse/schedule.ts'
import { type PaymentSystem, paymentSystem } from './payment-system.ts'

const clock = systemClock()
let system: PaymentSystem
let client: HttpClient
beforeEach(async () => {
  system = await paymentSystem()
  client = httpClient({ baseUrl: system.url })
})
afterEach(async () => {
  client.close()
  await system.close()
})

const ROWS = 1000
let arrival = 0
const context = (): OperationContext => ({
  arrival: arrival++,
  intendedAt: epochMs(0),
  timeout: ms(1000),
  signal: new AbortController().signal,
})

function people(book: Book = createBook()) {
  const { operations } = paymentTraffic({ client, seed: 7, rows: ROWS, book })
  return { book, act: (operation: PaymentOperation) => operations[operation](context()) }
}
const reconciled = (book: Book) => reconcile({ told: book.told(), rows: system.rows(), queueEmpty: true })

describe('the payment traffic', () => {
  it('pays for orders and by customers of the data set, under a fresh key each', async () => {
    const { act, book } = people()
    for (let n = 0; n < 200; n++) expect(await act('pay')).toMatchObject({ status: 201, result: 'ok' })
    const bodies = system.calls.map(({ body }) => body)
    expect(new Set(system.calls.map(({ key }) => key)).size).toBe(200)
    expect(new Set(bodies.map(({ orderId }) => orderId)).size).toBe(200)
    for (const { orderId, customerId, amountCents } of bodies) {
      expect(orderId).toSatisfy((id: number) => Number.isInteger(id) && id >= 1 && id <= ROWS / 2)
      expect(customerId).toSatisfy((id: number) => Number.isInteger(id) && id >= 1 && id <= ROWS / 10)
      expect(amountCents).toSatisfy((cents: number) => Number.isInteger(cents) && cents >= 1)
    }
    expect(book.counts()).toMatchObject({ attempts: 200, accepted: 200, failed: 0, open: 200 })
  })

  it('gives every order of the data set its turn before one comes again', async () => {
    const { act } = people()
    for (let n = 0; n < ROWS / 2; n++) await act('pay')
    expect(new Set(system.calls.map(({ body }) => body.orderId)).size).toBe(ROWS / 2)
  })

  it('sends the same requests for the same seed, whatever the answers', async () => {
    const send = async () => {
      arrival = 0
      const { act } = people()
      for (const operation of ['pay', 'order', 'pay'] as const) await act(operation)
      return system.calls.slice(-3).map(({ key, body }) => ({ key, body }))
    }
    const first = await send()
    system.befall(() => 'refuse')
    expect(await send()).toEqual(first)
  })

  it('notes what the client was told: accepted, delayed, failed or nothing', async () => {
    const { act, book } = people()
    expect(await act('order')).toMatchObject({ status: 201, result: 'ok', servedBy: 'payment-service@2.3.0' })
    system.befall(() => 'delay')
    expect(await act('order')).toMatchObject({ status: 202, result: 'delayed' })
    system.befall(() => 'refuse')
    expect(await act('pay')).toMatchObject({ status: 503, result: 'failed', error: 'http 503' })
    system.befall(() => 'silent-after')
    expect(await act('pay')).toMatchObject({ status: null, result: 'failed', error: 'reset' })
    expect(book.attempts().map(({ told, status }) => [told, status])).toEqual([
      ['accepted', null],
      ['delayed', null],
      ['failed', 503],
      ['unknown', null],
    ])
    expect(book.counts()).toMatchObject({ accepted: 1, delayed: 1, failed: 2 })
  })

  it('settles the oldest accepted payment, and again later when that fails', async () => {
    const { act, book } = people()
    await act('pay')
    await act('pay')
    const [oldest, second] = system.rows().map(({ id }) => id)
    system.befall(() => 'silent-after')
    expect(await act('settle')).toMatchObject({ result: 'failed' })
    system.befall(() => 'none')
    await act('settle')
    await act('settle')
    expect(system.calls.slice(2).map(({ path }) => path)).toEqual([
      `/payments/${oldest}/settlement`,
      `/payments/${second}/settlement`,
      `/payments/${oldest}/settlement`,
    ])
    expect(book.counts().open).toBe(0)
  })

  it('pays instead when there is nothing to settle, and says so', async () => {
    const { act } = people()
    expect(await act('settle')).toMatchObject({ result: 'ok', operation: 'pay' })
    expect(system.rows()).toHaveLength(1)
  })

  it('lists pending payments', async () => {
    expect(await people().act('list-pending')).toMatchObject({ status: 200, result: 'ok' })
  })

  it('mixes 45 pay, 20 order, 27 settle and 8 list-pending by default, and keeps the rest in proportion otherwise', () => {
    const shares = (listPercent?: number) => {
      const list = listPercent === undefined ? {} : { listPercent }
      const { profile } = paymentTraffic({ client, seed: 1, rows: ROWS, ...list })
      return Object.fromEntries(profile.operations.map(({ operation, weight }) => [operation, weight]))
    }
    expect(shares()).toEqual({ pay: 45, order: 20, settle: 27, 'list-pending': 8 })
    const fifteen = shares(15)
    expect(fifteen['list-pending']).toBe(15)
    expect((fifteen.pay ?? 0) / (fifteen.order ?? 1)).toBeCloseTo(45 / 20)
    const { profile } = paymentTraffic({ client, seed: 1, rows: ROWS, listPercent: 0 })
    const stream = arrivals(profile, prng(1))
    const operations = Array.from({ length: 1000 }, () => stream.next().value.operation)
    expect(operations).not.toContain('list-pending')
  })

  it('refuses more attempts than its book holds', async () => {
    const { act } = people(createBook(1))
    await act('pay')
    await expect(act('pay')).rejects.toThrow(expect.objectContaining({ code: 'traffic-book-full' }))
  })
})

describe('closing the book', () => {
  const close = (book: Book) => closeBook({ book, client, clock, deadline: ms(20_000) })

  it('finds out what became of payments without an answer, and settles all that are open', async () => {
    const { act, book } = people()
    system.befall(() => 'silent-after')
    await act('pay')
    await act('order')
    system.befall(() => 'silent-before')
    await act('pay')
    system.befall(() => 'refuse')
    await act('pay')
    system.befall(() => 'delay')
    await act('order')
    system.befall(() => 'none')
    await act('pay')
    system.drain()
    expect(await close(book)).toEqual({
      attempts: 6,
      accepted: 4,
      delayed: 1,
      recovered: 2,
      failed: 2,
      open: 0,
      unanswered: 0,
      settledNow: 4,
      cutShort: false,
    })
    expect(reconciled(book)).toMatchObject({ told: 4, settled: 4, lost: 0, double: 0, offenders: [] })
  })

  it('asks again when the system is still busy', async () => {
    const { act, book } = people()
    system.befall(() => 'silent-after')
    await act('pay')
    let calls = 0
    system.befall(() => (++calls % 2 === 1 ? 'refuse' : 'none'))
    expect(await close(book)).toMatchObject({ recovered: 1, failed: 0, open: 0, unanswered: 0 })
  })

  it('says how many attempts nobody could tell it about', async () => {
    const { act, book } = people()
    system.befall(() => 'silent-after')
    await act('pay')
    system.befall(() => 'refuse')
    expect(await close(book)).toMatchObject({ failed: 1, unanswered: 1, recovered: 0 })
  })

  it('ends early when it is told to, and says that it was cut short', async () => {
    const { act, book } = people()
    await act('pay')
    const abort = new AbortController()
    abort.abort()
    expect(await closeBook({ book, client, clock, signal: abort.signal })).toMatchObject({ cutShort: true, open: 1 })
    expect(await closeBook({ book, client, clock })).toMatchObject({ cutShort: false, open: 0, settledNow: 1 })
  })
})

describe('the traffic of an act', () => {
  it('runs from the first request to counts that reconcile, through faults of every kind', async () => {
    const chance = prng(3)
    system.befall((call) => {
      if (call.method !== 'POST' || chance.next() < 0.7) return 'none'
      if (call.path === '/orders' && chance.next() < 0.3) return 'delay'
      return (['refuse', 'silent-after', 'silent-before'] as const)[chance.below(3)] ?? 'none'
    })
    const outcomes: RequestOutcome[] = []
    const traffic = startPaymentTraffic({
      gatewayUrl: system.url,
      rows: ROWS,
      seed: 5,
      rate: 200,
      clock,
      onOutcome: (outcome) => outcomes.push(outcome),
    })
    await clock.sleep(ms(2000))
    const summary = await traffic.stop()
    system.befall(() => 'none')
    system.drain()
    const counted = await traffic.closeBook()
    expect(outcomes).toHaveLength(summary.requests)
    expect(counted.sent + counted.dropped).toBe(summary.requests)
    expect(counted.succeeded + counted.failed).toBe(counted.sent)
    expect(counted.delayedPayments).toBe(outcomes.filter(({ result }) => result === 'delayed').length)
    expect(counted.failedPayments).toBeGreaterThan(0)
    expect(counted.recoveredPayments).toBeGreaterThan(0)
    expect(Object.keys(summary.operations).sort()).toEqual(['list-pending', 'order', 'pay', 'settle'])
    const result = reconciled(traffic.book)
    expect(result).toMatchObject({ lost: 0, double: 0, open: 0, toldFailedButMade: 0 })
    expect(result.settled).toBe(result.told)
    expect(result.told + counted.failedPayments).toBe(traffic.book.counts().attempts)
  })

  it('notices a payment that the system accepted and forgot', async () => {
    const { act, book } = people()
    await act('pay')
    system.befall(() => 'forget')
    await act('pay')
    system.befall(() => 'none')
    await closeBook({ book, client, clock })
    expect(reconciled(book)).toMatchObject({ told: 2, settled: 1, lost: 1, offenders: [{ kind: 'lost' }] })
  })
})
