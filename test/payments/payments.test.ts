import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  call,
  type Database,
  eventually,
  metricsOf,
  type Service,
  startDatabase,
  startPayments,
  stopAll,
} from './harness.ts'

describe('the payment-service', () => {
  let database: Database
  let service: Service
  beforeAll(async () => {
    database = await startDatabase(2_000)
    service = await startPayments(database, '2.3.0')
  })
  afterEach(() => expect(service.child.exitCode).toBeNull())
  afterAll(async () => {
    await service.stop()
    await stopAll()
    await database.stop()
  })
  const payment = { customerId: 1, orderId: 1, amountCents: 1_250 }
  const pay = (key: string, url = service.url, body: object = payment) =>
    call(`${url}/payments`, { method: 'POST', key, body })
  const settle = (id: number) => call(`${service.url}/payments/${id}/settlement`, { method: 'POST' })

  it('takes a payment once, however often and however concurrently it is sent', async () => {
    const key = randomUUID()
    const answers = await Promise.all(Array.from({ length: 8 }, () => pay(key)))
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201])
    expect(new Set(answers.map((answer) => answer.body.paymentId)).size).toBe(1)
    expect(answers[0]).toMatchObject({ servedBy: 'payment-service@2.3.0', body: { status: 'accepted' } })
    const rows = await database.query('SELECT status FROM payment_transactions WHERE idempotency_key = $1', [key])
    expect(rows).toEqual([{ status: 'pending' }])
    const byKey = await call(`${service.url}/payments/by-key/${key}`)
    expect(byKey.body).toEqual({ paymentId: answers[0]?.body.paymentId, status: 'pending' })
  })

  it('refuses a key that belongs to another payment, a missing key, and customers that do not exist', async () => {
    const key = randomUUID()
    await pay(key)
    expect((await pay(key, service.url, { ...payment, amountCents: 1 })).status).toBe(422)
    expect((await pay('not-a-uuid')).status).toBe(400)
    expect((await pay(randomUUID(), service.url, { ...payment, customerId: 999_999 })).status).toBe(422)
    expect((await pay(randomUUID(), service.url, { ...payment, amountCents: -1 })).status).toBe(400)
    expect((await call(`${service.url}/payments/by-key/${randomUUID()}`)).status).toBe(404)
  })

  it('books one settlement for a payment that is settled many times at once', async () => {
    const { body } = await pay(randomUUID())
    const answers = await Promise.all(Array.from({ length: 8 }, () => settle(body.paymentId)))
    expect(answers.map((answer) => answer.status)).toEqual(Array(8).fill(200))
    expect(answers[0]?.body).toEqual({ paymentId: body.paymentId, status: 'settled' })
    const booked = await database.query('SELECT amount_cents::int FROM settlements WHERE payment_id = $1', [
      body.paymentId,
    ])
    expect(booked).toEqual([{ amount_cents: 1_250 }])
  })

  it('settles nothing that failed or does not exist', async () => {
    const [failed] = await database.query<{ id: number }>(
      "SELECT id::int FROM payment_transactions WHERE status = 'failed' LIMIT 1",
    )
    expect((await settle(failed?.id ?? 0)).status).toBe(409)
    expect((await settle(9_999_999)).status).toBe(404)
    expect(await database.query('SELECT FROM settlements WHERE payment_id = $1', [failed?.id])).toEqual([])
  })

  it('answers 503 with Retry-After when the pool gives no connection in time, and names it in log and metrics', async () => {
    const small = await startPayments(database, '2.3.0', { POOL_MAX: '1', CHECKOUT_TIMEOUT_MS: '200' })
    const unlock = await database.lockPayments()
    const first = pay(randomUUID(), small.url)
    await eventually('the pool is used up', async () =>
      (await metricsOf(small.url)).includes('db_client_connection_count{db_client_connection_state="used"} 1'),
    )
    const second = await pay(randomUUID(), small.url, payment)
    await unlock()
    expect(second).toMatchObject({
      status: 503,
      retryAfter: '1',
      body: { error: 'Unable to acquire database connection from pool' },
    })
    expect((await first).status).toBe(201)
    expect(small.log).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'Unable to acquire database connection from pool' }),
    )
    expect(await metricsOf(small.url)).toContain('db_client_connection_timeouts_total 1')
    await small.stop()
  })

  it('gives up waiting for a query in time, but holds its connection until the query has ended', async () => {
    const impatient = await startPayments(database, '2.3.0', { QUERY_TIMEOUT_MS: '100' })
    const used = async (count: number) =>
      (await metricsOf(impatient.url)).includes(
        `db_client_connection_count{db_client_connection_state="used"} ${count}`,
      )
    const unlock = await database.lockPayments()
    const answer = await pay(randomUUID(), impatient.url)
    expect(answer).toMatchObject({ status: 503, body: { error: 'No answer to a query in 100 ms' } })
    expect(await used(1)).toBe(true)
    await unlock()
    await eventually('the connection is free', () => used(0))
    await impatient.stop()
  })

  it('tags its connections with service and release', async () => {
    const names = await database.query(
      "SELECT DISTINCT application_name FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> ''",
    )
    expect(names).toEqual([{ application_name: 'payment-service@2.3.0' }])
  })

  it('logs the trace of a failing request', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    const impatient = await startPayments(database, '2.3.0', { QUERY_TIMEOUT_MS: '50' })
    const unlock = await database.lockPayments()
    await call(`${impatient.url}/payments/pending`, { headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` } })
    await unlock()
    expect(impatient.log).toContainEqual(expect.objectContaining({ trace_id: trace, route: '/payments/pending' }))
    await impatient.stop()
  })

  it('outlives the end of its connections, ordered or by kill -9 of a backend', async () => {
    const backends = () =>
      database.query<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'payment-service@2.3.0'",
      )
    await pay(randomUUID())
    await database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'payment-service@2.3.0'",
    )
    await eventually('payments are taken again', async () => (await pay(randomUUID())).status === 201)
    const [victim] = await backends()
    process.kill(victim?.pid ?? 0, 'SIGKILL')
    await eventually('payments are taken after recovery', async () => (await pay(randomUUID())).status === 201)
    expect((await call(`${service.url}/health`)).body).toMatchObject({ status: 'ok', release: '2.3.0' })
  })
})
