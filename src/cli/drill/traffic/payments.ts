/** The traffic of the reference payment system, through its gateway: its customers, and its back office. */
import type { HttpAnswer, HttpClient } from '../../../adapters/load/http-client.ts'
import { operationAnswer } from '../../../adapters/load/http-operation.ts'
import type { Operation, OperationAnswer, OperationContext } from '../../../adapters/load/operation.ts'
import { type Prng, prng } from '../../../base/prng.ts'
import { type DurationMs, seconds } from '../../../base/time.ts'
import type { LoadProfile, OperationShare } from '../../../core/rehearse/load.ts'
import { type Book, createBook } from './book.ts'
import { text } from './json.ts'

/** What customers and clerks do, in percent of all requests, without the clerks' list. */
const CUSTOMERS: readonly OperationShare[] = [
  { operation: 'pay', weight: 45 },
  { operation: 'order', weight: 20 },
  { operation: 'settle', weight: 27 },
]
const DEFAULT_LIST_PERCENT = 8
const DEFAULT_RATE = 60
/** Longer than the services' own time-outs, so that their answers are seen. */
const DEFAULT_TIMEOUT = seconds(10)
/** Times what is under way when nothing is answered for a whole time-out: requests fail by time-out, not by being dropped. */
const IN_FLIGHT_RESERVE = 1.5
const SKUS = 400

/** How much is sent, of what, to a data set of which size. */
export interface TrafficOptions {
  readonly client: HttpClient
  /** The same seed sends the same requests, under the same keys: use it once per database. */
  readonly seed: number
  /** Payments of the data set: customers 1 to rows ÷ 10 and orders 1 to rows ÷ 2 exist. */
  readonly rows: number
  /** Requests a second. Default 60. */
  readonly rate?: number
  /** Percent of the requests that ask for the back office's list of pending payments, 0 to 100. Default 8. */
  readonly listPercent?: number
  /** Default 10 s. */
  readonly timeout?: DurationMs
  /** Default: a new, empty one. */
  readonly book?: Book
}

/** What customers and clerks do. */
export type PaymentOperation = 'pay' | 'order' | 'settle' | 'list-pending'

/** What `startLoad` needs, and the book that the operations keep. */
export interface PaymentOperations {
  readonly profile: LoadProfile
  readonly operations: Readonly<Record<PaymentOperation, Operation>>
  readonly book: Book
}

/** Profile, operations and book for `startLoad`. */
export function paymentTraffic(options: TrafficOptions): PaymentOperations {
  const { client, book = createBook() } = options
  const people = { client, book, draw: requests(options) }
  return {
    book,
    profile: profileOf(options),
    operations: {
      pay: (context) => pay(people, context),
      order: (context) => order(people, context),
      settle: (context) => settle(people, context),
      'list-pending': async ({ signal }) =>
        operationAnswer(await client.call({ method: 'GET', path: '/payments/pending', signal })),
    },
  }
}

function profileOf(options: TrafficOptions): LoadProfile {
  const { rate = DEFAULT_RATE, listPercent = DEFAULT_LIST_PERCENT, timeout = DEFAULT_TIMEOUT } = options
  const others = CUSTOMERS.reduce((sum, { weight }) => sum + weight, 0)
  return {
    rate,
    timeout,
    arrivals: 'poisson',
    maxInFlight: Math.ceil(rate * (timeout / 1000) * IN_FLIGHT_RESERVE),
    operations: [
      ...CUSTOMERS.map(({ operation, weight }) => ({ operation, weight: (weight * (100 - listPercent)) / others })),
      { operation: 'list-pending', weight: listPercent },
    ],
  }
}

interface Request {
  readonly key: string
  readonly customerId: number
  readonly orderId: number
  readonly amountCents: number
  readonly sku: string
  readonly quantity: number
}

/**
 * What arrival n asks for: a function of the seed and n alone, so that answers do not change it.
 * Each arrival has an order of the data set to itself until they are used up.
 */
function requests({ seed, rows }: TrafficOptions): (arrival: number) => Request {
  const customers = Math.max(1, Math.floor(rows / 10))
  const orders = Math.max(1, Math.floor(rows / 2))
  const start = prng(seed).below(orders)
  const step = coprime(orders)
  return (arrival) => {
    const random = prng(seed + Math.imul(arrival + 1, 0x9e3779b1))
    return {
      key: random.uuid(),
      customerId: 1 + random.below(customers),
      orderId: 1 + ((start + arrival * step) % orders),
      amountCents: amount(random),
      sku: `sku-${1 + random.below(SKUS)}`,
      quantity: 1 + random.below(4),
    }
  }
}

/** From 1.00 to about 400.00, most of them small. */
const amount = (random: Prng): number => Math.floor(100 * Math.exp(random.next() * 6))

/** A stride that visits every order once before the first comes again. */
function coprime(orders: number): number {
  const divides = (a: number, b: number): number => (b === 0 ? a : divides(b, a % b))
  let step = Math.max(1, Math.floor(orders * 0.618))
  while (divides(orders, step) !== 1) step++
  return step
}

interface People {
  readonly client: HttpClient
  readonly book: Book
  readonly draw: (arrival: number) => Request
}

async function pay({ client, book, draw }: People, context: OperationContext): Promise<OperationAnswer> {
  const { key, customerId, orderId, amountCents } = draw(context.arrival)
  book.begin({ key, operation: 'pay', at: context.intendedAt, orderId: String(orderId) })
  const answer = await client.call({
    method: 'POST',
    path: '/payments',
    headers: { 'idempotency-key': key },
    body: { customerId, orderId, amountCents },
    signal: context.signal,
    read: 'json',
  })
  const paymentId = text(answer.body, 'paymentId')
  if (answer.error === null && paymentId !== null) {
    book.tell(key, { told: 'accepted', paymentId })
    return operationAnswer(answer)
  }
  return notAccepted({ book, key, answer })
}

async function order({ client, book, draw }: People, context: OperationContext): Promise<OperationAnswer> {
  const { key, customerId, amountCents, sku, quantity } = draw(context.arrival)
  book.begin({ key, operation: 'order', at: context.intendedAt, orderId: null })
  const answer = await client.call({
    method: 'POST',
    path: '/orders',
    headers: { 'idempotency-key': key },
    body: { customerId, sku, quantity, amountCents },
    signal: context.signal,
    read: 'json',
  })
  const orderId = text(answer.body, 'orderId')
  if (answer.error === null && orderId !== null) {
    const paymentId = text(answer.body, 'payment', 'paymentId')
    const status = text(answer.body, 'payment', 'status')
    if (paymentId !== null) book.tell(key, { told: 'accepted', paymentId, orderId })
    else if (status === 'delayed') book.tell(key, { told: 'delayed', orderId })
    if (paymentId !== null || status === 'delayed') return operationAnswer(answer)
  }
  return notAccepted({ book, key, answer })
}

/** Refused with a status, or nothing that the client could understand. */
function notAccepted(of: { readonly book: Book; readonly key: string; readonly answer: HttpAnswer }): OperationAnswer {
  const { book, key, answer } = of
  const refused = answer.status !== null && answer.status >= 400
  book.tell(key, refused ? { told: 'failed', status: answer.status } : { told: 'unknown' })
  return { ...operationAnswer(answer), result: 'failed', error: answer.error ?? 'unreadable answer' }
}

/** A clerk settles the oldest payment in the book; when there is none a customer pays instead. */
async function settle(people: People, context: OperationContext): Promise<OperationAnswer> {
  const { client, book } = people
  const taken = book.takeUnsettled()
  if (!taken) return { ...(await pay(people, context)), operation: 'pay' }
  const answer = await client.call({
    method: 'POST',
    path: `/payments/${encodeURIComponent(taken.paymentId)}/settlement`,
    signal: context.signal,
  })
  book.endSettling(taken.key, answer.error === null)
  return operationAnswer(answer)
}
