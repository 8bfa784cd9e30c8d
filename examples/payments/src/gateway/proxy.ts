/** Takes a client's request, finds a replica for it and passes the answer back. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { GatewayConfig } from '../shared/config.ts'
import { RETRY_AFTER_SECONDS } from '../shared/database.ts'
import { MAX_BODY_BYTES, servedBy } from '../shared/http.ts'
import { type Log, messageOf, traceId } from '../shared/log.ts'
import type { HttpMetrics } from '../shared/metrics.ts'
import { endToEnd, type Forwarded, type Forwarder } from './forward.ts'
import { routeOf } from './routes.ts'
import type { Upstream, Upstreams } from './upstreams.ts'

/** Replicas that one request is offered to, at most. */
const MAX_TRIES = 2
/** Status in the metrics of a request whose client went away before its answer was complete (nginx's). */
const CLIENT_GONE = 499
/** Release in the metrics when no replica took the request. */
const NOBODY = 'none'

interface ProxyOptions {
  readonly config: GatewayConfig
  readonly upstreams: Upstreams
  readonly forwarder: Forwarder
  readonly metrics: HttpMetrics
  readonly log: Log
}

/** The whole body; null when it is longer than the services accept. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    const part = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk)
    bytes += part.length
    if (bytes > MAX_BODY_BYTES) return null
    chunks.push(part)
  }
  return Buffer.concat(chunks)
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly service: string
  readonly route: string
  /** The release that the request went to; for metrics. */
  release: string
}

function refuse(response: ServerResponse, answer: { config: GatewayConfig; status: number; error: string }): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const { config, status, error } = answer
  const retry = status === 503 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {}
  response.writeHead(status, { 'content-type': 'application/json', 'x-served-by': servedBy(config), ...retry })
  response.end(JSON.stringify({ error }))
}

function complain(log: Log, exchange: Exchange, why: { message: string; reason: string }): void {
  const { traceparent } = exchange.request.headers
  const id = traceId(typeof traceparent === 'string' ? traceparent : undefined)
  const { service, route, release } = exchange
  const fields = { upstream: service, upstream_release: release, route, reason: why.reason }
  log.error(why.message, id === undefined ? fields : { ...fields, trace_id: id })
}

/** Sends a request to one replica; gives up when the client has gone. */
async function offer(exchange: Exchange, upstream: Upstream, send: { forwarder: Forwarder; body: Buffer }) {
  const { request, response } = exchange
  const gone = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  upstream.inFlight++
  const result = await send.forwarder.forward({
    url: upstream.url,
    path: request.url ?? '/',
    method: request.method ?? 'GET',
    headers: request.headers,
    body: send.body,
    signal: gone.signal,
  })
  if (result.kind === 'answered') result.answer.once('close', () => upstream.inFlight--)
  else upstream.inFlight--
  return result
}

/** Passes on what a replica answered, or says that it did not. */
async function respond(
  options: ProxyOptions,
  exchange: Exchange,
  result: Exclude<Forwarded, { kind: 'unsent' }>,
): Promise<void> {
  const { response, service } = exchange
  if (result.kind === 'answered') {
    response.writeHead(result.answer.statusCode ?? 502, endToEnd(result.answer.headers))
    await pipeline(result.answer, response)
    return
  }
  if (response.destroyed) return
  complain(options.log, exchange, { message: `${service} did not answer`, reason: result.reason })
  const late = result.kind === 'timeout'
  const error = late ? `${service} did not answer in time` : `Connection to ${service} broke`
  refuse(response, { config: options.config, status: late ? 504 : 502, error })
}

async function relay(options: ProxyOptions, exchange: Exchange): Promise<void> {
  const { config, upstreams, forwarder } = options
  const { request, response, service } = exchange
  const body = await readBody(request)
  if (body === null) {
    return refuse(response, { config, status: 413, error: `A body may have ${MAX_BODY_BYTES} bytes at most` })
  }
  const tried = new Set<Upstream>()
  let reason = 'no replica registered or free'
  while (tried.size < MAX_TRIES && !response.destroyed) {
    const upstream = upstreams.pick(service, tried)
    if (upstream === null) break
    tried.add(upstream)
    const result = await offer(exchange, upstream, { forwarder, body })
    if (result.kind !== 'unsent') {
      exchange.release = upstream.release
      return respond(options, exchange, result)
    }
    reason = result.reason
    if (!response.destroyed) upstreams.refused(upstream)
  }
  if (response.destroyed) return
  const message = `No upstream of ${service} can take requests`
  complain(options.log, exchange, { message, reason })
  refuse(response, { config, status: 503, error: message })
}

/** Handles one request of a client. */
export function createProxy(options: ProxyOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const { config, metrics, log } = options
  return (request, response) => {
    const started = performance.now()
    const found = routeOf(request.url ?? '/')
    if (found === null) {
      request.resume()
      refuse(response, { config, status: 404, error: `No route ${request.method} ${request.url}` })
      return
    }
    const exchange: Exchange = { request, response, ...found, release: NOBODY }
    response.once('close', () => {
      const { service, route, release } = exchange
      const status = response.writableFinished ? response.statusCode : CLIENT_GONE
      const seconds = (performance.now() - started) / 1000
      metrics.observe({ service, release, method: request.method ?? 'GET', route, status }, seconds)
    })
    relay(options, exchange).catch((error: unknown) => {
      // Either side broke while the answer was passed on. The client sees a cut connection, not a wrong answer.
      const reason = messageOf(error)
      if (!response.writableFinished && !request.destroyed)
        complain(log, exchange, { message: 'Answer cut short', reason })
      refuse(response, { config, status: 502, error: `Connection to ${exchange.service} broke` })
    })
  }
}
