/** One request to one replica. Tells whether the replica can have seen it, because only an unseen one may go elsewhere. */
import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { messageOf } from '../shared/log.ts'

/** How long a replica may take for an answer, milliseconds. */
export const UPSTREAM_TIMEOUT_MS = 30_000
/** Idle connections kept per replica, at most. */
const MAX_IDLE_CONNECTIONS = 256
/** An idle connection is closed after so long, milliseconds: before the replica would, so that none is found closed. */
const IDLE_CONNECTION_MS = 30_000

/** Headers that belong to one connection only (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

export type Forwarded =
  /** The answer's head has come; its body is still to be read. */
  | { readonly kind: 'answered'; readonly answer: IncomingMessage }
  /** No connection came about: the replica knows nothing of the request. */
  | { readonly kind: 'unsent'; readonly reason: string }
  /** The replica may have worked on it. */
  | { readonly kind: 'broken' | 'timeout'; readonly reason: string }

export interface ForwardRequest {
  readonly url: string
  readonly path: string
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal
}

/** A message's headers without those of its connection. */
export function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)))
}

export interface Forwarder {
  forward(request: ForwardRequest): Promise<Forwarded>
  close(): void
}

/** Keeps connections to the replicas open between requests. */
export function createForwarder(): Forwarder {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: MAX_IDLE_CONNECTIONS, timeout: IDLE_CONNECTION_MS })
  const forward = (request: ForwardRequest) =>
    new Promise<Forwarded>((resolve) => {
      let connected = false
      let late = false
      const headers = { ...endToEnd(request.headers), 'content-length': request.body.length }
      const target = new URL(request.path, request.url)
      const outgoing = httpRequest(target, { agent, method: request.method, headers, signal: request.signal })
      const timer = setTimeout(() => {
        late = true
        outgoing.destroy(new Error(`no answer in ${UPSTREAM_TIMEOUT_MS} ms`))
      }, UPSTREAM_TIMEOUT_MS)
      outgoing.on('socket', (socket) => {
        // A kept connection counts as one that was used: what was lost on it may have been read.
        if (!socket.connecting) connected = true
        else socket.once('connect', () => (connected = true))
      })
      outgoing.on('response', (answer) => {
        // The deadline holds for the body as well: the timer ends when the answer does.
        answer.on('close', () => clearTimeout(timer))
        resolve({ kind: 'answered', answer })
      })
      outgoing.on('error', (error) => {
        clearTimeout(timer)
        const kind = late ? 'timeout' : connected ? 'broken' : 'unsent'
        resolve({ kind, reason: messageOf(error) })
      })
      outgoing.end(request.body)
    })
  return { forward, close: () => agent.destroy() }
}
