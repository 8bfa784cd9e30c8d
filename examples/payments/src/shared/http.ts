/** What every service's HTTP side has in common: who served it, how long it took, what a failure looks like. */
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { ServiceConfig } from './config.ts'
import { DatabaseUnavailable, RETRY_AFTER_SECONDS } from './database.ts'
import { type Log, messageOf, traceId } from './log.ts'
import type { HttpMetrics } from './metrics.ts'

/** Largest request body, bytes. */
export const MAX_BODY_BYTES = 64 * 1024
/** Longer than the gateway keeps an idle connection, so that the gateway closes first and never meets a closed one. */
const KEEP_ALIVE_MS = 75_000

/** A refusal with its status; its message is the answer's `error`. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

interface AppOptions {
  readonly config: ServiceConfig
  readonly log: Log
  readonly metrics: HttpMetrics
  /** False for a port whose requests are not the service's work. */
  readonly measured?: boolean
}

const OWN_ROUTES = new Set(['/health', '/metrics'])

/** `service@release`, the value of x-served-by. */
export const servedBy = (config: ServiceConfig): string => `${config.SERVICE}@${config.RELEASE}`

/** A trace id as a log field, when the request has one. */
export function traceFields(request: FastifyRequest): { trace_id?: string } {
  const header = request.headers.traceparent
  const id = traceId(typeof header === 'string' ? header : undefined)
  return id === undefined ? {} : { trace_id: id }
}

/** The request's Idempotency-Key. @throws HttpError 400 when there is none or it is no UUID. */
export function idempotencyKey(request: FastifyRequest): string {
  const key = request.headers['idempotency-key']
  if (typeof key === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(key)) return key.toLowerCase()
  throw new HttpError(400, 'The header Idempotency-Key must be a UUID')
}

function sendError(
  options: AppOptions,
  failure: { error: FastifyError; request: FastifyRequest; reply: FastifyReply },
) {
  const { error, request, reply } = failure
  const route = request.routeOptions.url ?? 'unmatched'
  if (error instanceof DatabaseUnavailable) {
    options.log.error(error.message, { route, ...traceFields(request) })
    return reply.code(503).header('retry-after', RETRY_AFTER_SECONDS).send({ error: error.message })
  }
  if (error instanceof HttpError) return reply.code(error.status).send({ error: error.message })
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return reply.code(error.statusCode).send({ error: error.message })
  }
  options.log.error(messageOf(error), { route, ...traceFields(request) })
  return reply.code(500).send({ error: 'Internal error' })
}

/** An HTTP application with /health and /metrics that names its release in every answer. */
export function createApp(options: AppOptions): FastifyInstance {
  const { config, metrics } = options
  const app = Fastify({
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
  })
  // Clients that always send a content type may send it with no body: /payments/:id/settlement needs none.
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) done(null, undefined)
    else parseJson(request, String(body), done)
  })
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('x-served-by', servedBy(config))
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unmatched'
    if (options.measured === false || OWN_ROUTES.has(route)) return
    metrics.observe(
      { service: config.SERVICE, release: config.RELEASE, method: request.method, route, status: reply.statusCode },
      reply.elapsedTime / 1000,
    )
  })
  app.setErrorHandler<FastifyError>((error, request, reply) => sendError(options, { error, request, reply }))
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: `No route ${request.method} ${request.url}` }),
  )
  app.get('/health', async () => ({ status: 'ok', service: config.SERVICE, release: config.RELEASE }))
  app.get('/metrics', async (_request, reply) => {
    reply.type(metrics.registry.contentType)
    return metrics.registry.metrics()
  })
  return app
}
