/** One small HTTP/1.1 client: connections kept alive, a deadline for every request, no body larger than it was asked for. */
import { Agent, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { Problem } from '../../base/problem.ts'

/** Connections at the most; requests beyond wait for one, and that wait is part of their latency. */
const DEFAULT_MAX_SOCKETS = 1024
/** Far above any answer that the traffic reads; a longer one is drained and reported as an error. */
const DEFAULT_MAX_BODY_BYTES = 64 * 1024

/** Where to, over how many connections. */
export interface HttpClientOptions {
  /** `http://127.0.0.1:8080`. Plain HTTP only. */
  readonly baseUrl: string
  /** Default 1024. */
  readonly maxSockets?: number
}

/** One request. */
export interface HttpCall {
  readonly method: 'GET' | 'POST'
  /** With its leading slash. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** When it is aborted the socket is destroyed and the call ends with `timeout`. */
  readonly signal: AbortSignal
  /** `drain` (the default) throws the body away unread; `json` parses it. */
  readonly read?: 'json' | 'drain'
  /** Longest JSON body. Default 64 KiB. */
  readonly maxBodyBytes?: number
}

/** What came of a request. */
export interface HttpAnswer {
  /** Null when there was no answer. */
  readonly status: number | null
  readonly headers: IncomingHttpHeaders
  /** Parsed JSON of a `json` call; null otherwise. */
  readonly body: unknown
  /**
   * Null when the answer came whole. `timeout`, `refused`, `reset`; `http 503` for a status of 400 or more;
   * `body over 65536 bytes`, `not JSON`; otherwise the system's own code in lower case, such as `enotfound`.
   */
  readonly error: string | null
}

/** A client of one server. */
export interface HttpClient {
  /** Never rejects. */
  call(call: HttpCall): Promise<HttpAnswer>
  /** Destroys all connections. */
  close(): void
}

/** @throws Problem `invalid-address` when `baseUrl` is no `http:` address. */
export function httpClient(options: HttpClientOptions): HttpClient {
  const base = URL.parse(options.baseUrl)
  if (base?.protocol !== 'http:') {
    throw new Problem({
      code: 'invalid-address',
      what: `"${options.baseUrl}" is not an address that load can be sent to.`,
      where: options.baseUrl,
      remedy: 'Give an address that starts with http://, such as http://127.0.0.1:8080.',
    })
  }
  const maxSockets = options.maxSockets ?? DEFAULT_MAX_SOCKETS
  const agent = new Agent({ keepAlive: true, maxSockets, maxFreeSockets: maxSockets, scheduling: 'lifo' })
  const to = { agent, host: base.hostname.replace(/^\[|\]$/g, ''), port: base.port === '' ? 80 : Number(base.port) }
  const prefix = base.pathname.replace(/\/$/, '')
  return {
    call: (call) => new Promise((resolve) => exchange({ to, prefix, call, resolve })),
    close: () => agent.destroy(),
  }
}

interface Exchange {
  readonly to: { readonly agent: Agent; readonly host: string; readonly port: number }
  readonly prefix: string
  readonly call: HttpCall
  readonly resolve: (answer: HttpAnswer) => void
}

function exchange({ to, prefix, call, resolve }: Exchange): void {
  const { signal } = call
  let settled = false
  const settle = (answer: HttpAnswer) => {
    if (settled) return
    settled = true
    signal.removeEventListener('abort', abort)
    resolve(answer)
  }
  const fail = (error: string) => settle({ status: null, headers: {}, body: null, error })
  const abort = () => {
    outgoing?.destroy()
    fail('timeout')
  }
  let outgoing: ClientRequest | null = null
  if (signal.aborted) {
    fail('timeout')
    return
  }

  const payload = call.body === undefined ? null : Buffer.from(JSON.stringify(call.body))
  const headers: Record<string, string> = { ...call.headers }
  if (payload) {
    headers['content-type'] = 'application/json'
    headers['content-length'] = String(payload.length)
  }
  signal.addEventListener('abort', abort)
  outgoing = request({ ...to, method: call.method, path: prefix + call.path, headers })
  outgoing.on('error', (error) => fail(errorWord(error)))
  outgoing.on('response', (incoming) => receive({ incoming, call, settle, fail }))
  outgoing.end(payload ?? undefined)
}

interface Receipt {
  readonly incoming: IncomingMessage
  readonly call: HttpCall
  readonly settle: (answer: HttpAnswer) => void
  readonly fail: (error: string) => void
}

/** Reads the answer to its end, so that the connection can be used again. */
function receive({ incoming, call, settle, fail }: Receipt): void {
  const limit = call.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES
  const chunks: Buffer[] = []
  let bytes = 0
  if (call.read === 'json') {
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= limit) chunks.push(chunk)
    })
  } else {
    incoming.resume()
  }
  // A connection that ends inside the answer: 'aborted' and ECONNRESET come as 'error'.
  incoming.on('error', (error) => fail(errorWord(error)))
  incoming.on('end', () => {
    const status = incoming.statusCode ?? null
    const refused = status !== null && status >= 400 ? `http ${status}` : null
    const parsed = call.read === 'json' ? parse(chunks, { bytes, limit }) : { body: null, error: null }
    settle({ status, headers: incoming.headers, body: parsed.body, error: refused ?? parsed.error })
  })
}

function parse(chunks: readonly Buffer[], size: { readonly bytes: number; readonly limit: number }) {
  if (size.bytes > size.limit) return { body: null, error: `body over ${size.limit} bytes` }
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    return { body, error: null }
  } catch (error) {
    if (error instanceof SyntaxError) return { body: null, error: 'not JSON' }
    throw error
  }
}

function errorWord(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code === 'ECONNREFUSED') return 'refused'
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'reset'
  return (code || error.message).toLowerCase()
}
