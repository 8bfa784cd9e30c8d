/** A payment system in memory behind the reference system's HTTP interface, whose faults the test chooses. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { PaymentRow } from '../../src/core/rehearse/reconcile.ts'

export type Fault =
  | 'none'
  /** 503, and nothing is done. */
  | 'refuse'
  /** The work is done, and the connection breaks before the answer. */
  | 'silent-after'
  /** The connection breaks, and nothing is done. */
  | 'silent-before'
  /** The work is never done; the answer says that it was. */
  | 'forget'
  /** An order is taken, its payment comes with `drain`. */
  | 'delay'

interface Call {
  readonly method: string
  readonly path: string
  readonly key: string
  readonly body: Record<string, unknown>
}

export interface PaymentSystem {
  readonly url: string
  readonly calls: readonly Call[]
  rows(): readonly PaymentRow[]
  /** Chooses what befalls each call. */
  befall(fault: (call: Call) => Fault): void
  /** Makes the delayed payments. */
  drain(): void
  close(): Promise<void>
}

interface Reply {
  readonly status: number
  readonly body: unknown
}

/** The tables and what the services do to them. */
class Books {
  readonly payments = new Map<string, PaymentRow>()
  readonly #delayed: { readonly key: string; readonly orderId: string }[] = []
  #numbers = 1000

  work(call: Call, fault: Fault): Reply {
    const settled = /^\/payments\/(\d+)\/settlement$/.exec(call.path)?.[1]
    if (settled) return this.#settle(settled)
    const key = /^\/payments\/by-key\/(.+)$/.exec(call.path)?.[1]
    if (key) return this.#find(key)
    if (call.path === '/payments/pending') return { status: 200, body: { count: 0, payments: [] } }
    return call.path === '/orders' ? this.#order(call, fault === 'delay') : this.#pay(call)
  }

  drain(): void {
    for (const { key, orderId } of this.#delayed.splice(0)) this.#payment(key, orderId)
  }

  #payment(key: string, orderId: string): { readonly row: PaymentRow; readonly created: boolean } {
    const known = this.payments.get(key)
    if (known) return { row: known, created: false }
    const row = { id: String(++this.#numbers), key, orderId, status: 'pending', settlements: 0 }
    this.payments.set(key, row)
    return { row, created: true }
  }

  #pay(call: Call): Reply {
    const { row, created } = this.#payment(call.key, String(call.body.orderId))
    return { status: created ? 201 : 200, body: { paymentId: Number(row.id), status: 'accepted' } }
  }

  #order(call: Call, late: boolean): Reply {
    const orderId = ++this.#numbers
    if (late) {
      this.#delayed.push({ key: call.key, orderId: String(orderId) })
      return { status: 202, body: { orderId, payment: { status: 'delayed', key: call.key } } }
    }
    const { row } = this.#payment(call.key, String(orderId))
    return { status: 201, body: { orderId, payment: { paymentId: Number(row.id), status: 'accepted' } } }
  }

  #settle(id: string): Reply {
    const row = [...this.payments.values()].find((one) => one.id === id)
    if (!row) return { status: 404, body: {} }
    this.payments.set(row.key, { ...row, status: 'settled', settlements: 1 })
    return { status: 200, body: { paymentId: Number(id), status: 'settled' } }
  }

  #find(key: string): Reply {
    const row = this.payments.get(key)
    return row ? { status: 200, body: { paymentId: Number(row.id), status: row.status } } : { status: 404, body: {} }
  }
}

/** Listens on a free port. */
export async function paymentSystem(): Promise<PaymentSystem> {
  const books = new Books()
  const calls: Call[] = []
  let fault: (call: Call) => Fault = () => 'none'

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const call = await read(incoming)
    calls.push(call)
    const chosen = fault(call)
    if (chosen === 'silent-before') return void incoming.socket.destroy()
    if (chosen === 'refuse') return void outgoing.writeHead(503, { 'retry-after': '1' }).end('{}')
    const reply = books.work(call, chosen)
    if (chosen === 'forget') books.payments.delete(call.key)
    if (chosen === 'silent-after') return void incoming.socket.destroy()
    outgoing.writeHead(reply.status, { 'x-served-by': 'payment-service@2.3.0' }).end(JSON.stringify(reply.body))
  }

  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    rows: () => [...books.payments.values()],
    befall: (choose) => {
      fault = choose
    },
    drain: () => books.drain(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function read(incoming: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  const text = Buffer.concat(chunks).toString()
  const key = incoming.headers['idempotency-key']
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    key: typeof key === 'string' ? key : '',
    body: text === '' ? {} : JSON.parse(text),
  }
}
