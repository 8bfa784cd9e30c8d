import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  call,
  type Database,
  eventually,
  metricsOf,
  route,
  type Service,
  startDatabase,
  startGateway,
  startPayments,
  startService,
  stopAll,
} from './harness.ts'

describe('an order', () => {
  let database: Database
  let gateway: Service
  let payments: Service
  let orders: Service
  beforeAll(async () => {
    database = await startDatabase(1_000)
    gateway = await startGateway()
    payments = await startPayments(database, '2.3.0')
    const env = { RELEASE: '1.0.0', DATABASE_URL: database.url }
    orders = await startService('src/order-service/main.ts', {
      ...env,
      SERVICE: 'order-service',
      GATEWAY_URL: gateway.url,
    })
    await startService('src/notification-service/main.ts', { ...env, SERVICE: 'notification-service' })
    await route(gateway, 'order-service', { replicas: [{ id: 'o', release: '1.0.0', url: orders.url }] })
  })
  afterAll(async () => {
    await stopAll()
    await database.stop()
  })

  const up = () => route(gateway, 'payment-service', { replicas: [{ id: 'p', release: '2.3.0', url: payments.url }] })
  const down = () => route(gateway, 'payment-service', { replicas: [] })
  const body = { customerId: 7, sku: 'SKU-0001', quantity: 2, amountCents: 4_200 }
  const order = (key: string) => call(`${gateway.url}/orders`, { method: 'POST', key, body })
  const drain = () => call(`${gateway.url}/retry-queue/drain`, { method: 'POST' })
  const paymentsOf = (keys: readonly string[]) =>
    database.query('SELECT idempotency_key FROM payment_transactions WHERE idempotency_key = ANY ($1)', [keys])

  it('is paid at once, and confirmed, when the payment-service works', async () => {
    await up()
    const key = randomUUID()
    const answer = await order(key)
    expect(answer).toMatchObject({
      status: 201,
      servedBy: 'order-service@1.0.0',
      body: { payment: { status: 'accepted' } },
    })
    expect(await paymentsOf([key])).toHaveLength(1)
    const { paymentId } = answer.body.payment
    await eventually('the confirmation is sent', async () =>
      (await database.query('SELECT kind FROM notifications WHERE payment_id = $1', [paymentId])).at(0),
    )
  })

  it('is the same order when its key comes again', async () => {
    await up()
    const key = randomUUID()
    const first = await order(key)
    const again = await order(key)
    expect(again).toMatchObject({ status: 200, body: first.body })
    const rows = await database.query('SELECT id FROM order_details WHERE idempotency_key = $1', [key])
    expect(rows).toHaveLength(1)
  })

  it('is delayed while the payment-service is down, and paid exactly once afterwards without anybody asking', async () => {
    await down()
    const key = randomUUID()
    const answer = await order(key)
    expect(answer).toMatchObject({ status: 202, body: { payment: { status: 'delayed', key } } })
    expect((await order(key)).status).toBe(202)
    expect((await call(`${gateway.url}/retry-queue`)).body).toMatchObject({ pending: 1 })
    expect(await paymentsOf([key])).toEqual([])
    await up()
    await eventually('it is paid', async () => (await call(`${orders.url}/retry-queue`)).body.pending === 0)
    expect(await paymentsOf([key])).toHaveLength(1)
    expect((await order(key)).status).toBe(200)
  })

  it('is paid by draining the queue, once, also when the queue works at the same time', async () => {
    await down()
    const keys = Array.from({ length: 40 }, () => randomUUID())
    const answers = await Promise.all(keys.map(order))
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]))
    await up()
    await Promise.all([drain(), drain()])
    await eventually('all are paid', async () => (await call(`${orders.url}/retry-queue`)).body.pending === 0)
    expect(await paymentsOf(keys)).toHaveLength(40)
    const last = await drain()
    expect(last.body).toEqual({ processed: 0, remaining: 0 })
  })

  it('stays in the queue when draining finds the payment-service still down', async () => {
    await down()
    await order(randomUUID())
    const { body: result } = await drain()
    expect(result).toEqual({ processed: 0, remaining: 1 })
    await eventually('the depth is measured', async () =>
      (await metricsOf(orders.url)).includes('order_retry_queue_depth 1'),
    )
    await up()
    await drain()
  })

  it('is not stored for a customer that does not exist', async () => {
    await up()
    const refused = await call(`${gateway.url}/orders`, {
      method: 'POST',
      key: randomUUID(),
      body: { ...body, customerId: 999_999 },
    })
    expect(refused.status).toBe(422)
  })
})
