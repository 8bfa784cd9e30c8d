/** The payment-service. What differs between releases is handed in by the release's own main.ts. */
import type { FastifyInstance } from 'fastify'
import { readConfig, STORING_SETTINGS, type StoringConfig } from '../shared/config.ts'
import { openDatabase, type Query } from '../shared/database.ts'
import { createApp, idempotencyKey } from '../shared/http.ts'
import { drain, type Running, runService, urlOf } from '../shared/lifecycle.ts'
import type { Log } from '../shared/log.ts'
import { createHttpMetrics } from '../shared/metrics.ts'
import { acceptPayment, paymentByKey, settlePayment } from './payments.ts'
import type { ListPending } from './pending.ts'

/** A release of the payment-service: its own code, plus what it waits for. */
export interface PaymentRelease {
  readonly listPending: ListPending
  /** How long a request waits for the answer to one query unless QUERY_TIMEOUT_MS says otherwise, milliseconds. */
  readonly queryTimeoutMs: number
}

const id = { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER } as const
const idParams = { type: 'object', required: ['id'], properties: { id } } as const
const keyParams = {
  type: 'object',
  required: ['key'],
  properties: { key: { type: 'string', pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' } },
} as const
const paymentBody = {
  type: 'object',
  required: ['customerId', 'orderId', 'amountCents'],
  properties: {
    customerId: id,
    orderId: id,
    amountCents: { type: 'integer', minimum: 1, maximum: 100_000_000 },
    requestedAt: { type: 'string', format: 'date-time' },
  },
} as const

interface PaymentBody {
  readonly customerId: number
  readonly orderId: number
  readonly amountCents: number
  readonly requestedAt?: string
}

interface RouteOptions {
  readonly query: Query
  readonly release: string
  readonly listPending: ListPending
}

function addRoutes(app: FastifyInstance, { query, release, listPending }: RouteOptions): void {
  app.post<{ Body: PaymentBody }>('/payments', { schema: { body: paymentBody } }, async (request, reply) => {
    const { requestedAt = null, ...payment } = request.body
    const { paymentId, created } = await acceptPayment(query, {
      ...payment,
      key: idempotencyKey(request),
      requestedAt,
      release,
    })
    return reply.code(created ? 201 : 200).send({ paymentId, status: 'accepted' })
  })

  app.get('/payments/pending', async () => {
    const payments = await listPending(query)
    return { count: payments.length, payments }
  })

  app.get<{ Params: { key: string } }>(
    '/payments/by-key/:key',
    { schema: { params: keyParams } },
    async (request, reply) => {
      const payment = await paymentByKey(query, request.params.key)
      if (payment === null) return reply.code(404).send({ error: 'No payment with this key' })
      return { paymentId: payment.id, status: payment.status }
    },
  )

  app.post<{ Params: { id: number } }>(
    '/payments/:id/settlement',
    { schema: { params: idParams } },
    async (request) => {
      await settlePayment(query, request.params.id)
      return { paymentId: request.params.id, status: 'settled' }
    },
  )
}

async function start(release: PaymentRelease, config: StoringConfig, log: Log): Promise<Running> {
  const metrics = createHttpMetrics()
  const database = openDatabase({
    config,
    metrics,
    queryTimeoutMs: config.QUERY_TIMEOUT_MS ?? release.queryTimeoutMs,
    onConnectionError: (error) => log.error('Database connection lost', { reason: error.message }),
  })
  const app = createApp({ config, log, metrics })
  addRoutes(app, { query: database.query, release: config.RELEASE, listPending: release.listPending })
  await app.listen({ host: config.HOST, port: config.PORT })
  return {
    url: urlOf(app.server, config.HOST),
    stop: async (graceMs) => {
      await drain(app.server, () => app.close(), graceMs)
      await database.close()
    },
  }
}

/** Runs one release of the payment-service as this process. */
export function runPaymentService(release: PaymentRelease): void {
  runService({
    configure: (env) => readConfig(STORING_SETTINGS, env),
    start: (config, log) => start(release, config, log),
  })
}
