/** The order-service: places orders and gets them paid, at once or later. */
import type { FastifyInstance } from 'fastify'
import { Gauge } from 'prom-client'
import { ORDER_SETTINGS, type OrderConfig, readConfig } from '../shared/config.ts'
import { openDatabase, type Query } from '../shared/database.ts'
import { createApp, idempotencyKey } from '../shared/http.ts'
import { drain, type Running, runService, urlOf } from '../shared/lifecycle.ts'
import type { Log } from '../shared/log.ts'
import { createHttpMetrics } from '../shared/metrics.ts'
import { placeOrder, queueState } from './orders.ts'
import { paymentClient } from './payment-client.ts'
import { createRetryQueue, LEASE_MS, type RetryQueue } from './retry-queue.ts'

/** How long a request waits for the answer to one query unless QUERY_TIMEOUT_MS says otherwise, milliseconds. */
const DEFAULT_QUERY_TIMEOUT_MS = 5_000

interface OrderBody {
  readonly customerId: number
  readonly sku: string
  readonly quantity: number
  readonly amountCents: number
}

const orderBody = {
  type: 'object',
  required: ['customerId', 'sku', 'quantity', 'amountCents'],
  properties: {
    customerId: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
    sku: { type: 'string', minLength: 1, maxLength: 64 },
    quantity: { type: 'integer', minimum: 1, maximum: 10_000 },
    amountCents: { type: 'integer', minimum: 1, maximum: 100_000_000 },
  },
} as const

const accepted = (orderId: number, paymentId: number) => ({ orderId, payment: { paymentId, status: 'accepted' } })
const delayed = (orderId: number, key: string) => ({ orderId, payment: { status: 'delayed', key } })

function addRoutes(app: FastifyInstance, query: Query, queue: RetryQueue): void {
  app.post<{ Body: OrderBody }>('/orders', { schema: { body: orderBody } }, async (request, reply) => {
    const key = idempotencyKey(request)
    const placed = await placeOrder(query, { key, ...request.body }, LEASE_MS)
    if (placed.kind === 'known') {
      const { orderId, paymentId } = placed.order
      if (paymentId === null) return reply.code(202).send(delayed(orderId, key))
      return reply.code(200).send(accepted(orderId, paymentId))
    }
    const trace = request.headers.traceparent
    const result = await queue.attempt(placed.payment, typeof trace === 'string' ? trace : undefined)
    const { orderId } = placed.payment
    if (result.outcome === 'accepted') return reply.code(201).send(accepted(orderId, result.paymentId))
    return reply.code(202).send(delayed(orderId, key))
  })
  app.get('/retry-queue', () => queueState(query))
  app.post('/retry-queue/drain', () => queue.drain())
}

async function start(config: OrderConfig, log: Log): Promise<Running> {
  const metrics = createHttpMetrics()
  const depth = new Gauge({
    name: 'order_retry_queue_depth',
    help: 'Orders whose payment has not been taken yet.',
    registers: [metrics.registry],
  })
  const { query, close } = openDatabase({
    config,
    metrics,
    queryTimeoutMs: config.QUERY_TIMEOUT_MS ?? DEFAULT_QUERY_TIMEOUT_MS,
    onConnectionError: (error) => log.error('Database connection lost', { reason: error.message }),
  })
  const queue = createRetryQueue({
    query,
    log,
    requestPayment: paymentClient(config.GATEWAY_URL),
    random: Math.random,
    onState: (state) => depth.set(state.pending),
  })
  const app = createApp({ config, log, metrics })
  addRoutes(app, query, queue)
  await app.listen({ host: config.HOST, port: config.PORT })
  queue.start()
  return {
    url: urlOf(app.server, config.HOST),
    stop: async (graceMs) => {
      const settled = queue.stop()
      await drain(app.server, () => app.close(), graceMs)
      // What is still under way keeps its lease and is taken up by whoever runs next.
      await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, graceMs).unref())])
      await close()
    },
  }
}

runService({ configure: (env) => readConfig(ORDER_SETTINGS, env), start })
