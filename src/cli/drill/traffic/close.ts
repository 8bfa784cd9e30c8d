/**
 * Closes the client's book when the traffic is over, as customers and clerks would: asks again about every payment that
 * it knows nothing of, and settles every accepted one that is still open.
 */
import type { HttpAnswer, HttpCall, HttpClient } from '../../../adapters/load/http-client.ts'
import { type Clock, type DurationMs, ms, seconds } from '../../../base/time.ts'
import type { Book, BookCounts } from './book.ts'
import { text } from './json.ts'

/** A payment may still be under way inside the system when it is first asked for: it is asked for so often. */
const LOOKUP_ROUNDS = 3
const BETWEEN_ROUNDS = seconds(1)
/** A settlement without an answer is asked for again: the service settles once, however often it is asked. */
const SETTLE_ROUNDS = 3
const CALL_TIMEOUT = seconds(5)
const DEFAULT_CONCURRENCY = 8
const DEFAULT_DEADLINE = seconds(60)

/** Which book, through which client, within which limits. */
export interface CloseOptions {
  readonly book: Book
  readonly client: HttpClient
  readonly clock: Clock
  /** Ends the closing early; what is not settled by then stays open. */
  readonly signal?: AbortSignal
  /** Requests under way at once. Default 8. */
  readonly concurrency?: number
  /** For all of it. Default 60 s. */
  readonly deadline?: DurationMs
}

/** The book's final counts. */
export interface ClosedBook extends BookCounts {
  /** Attempts about which the system gave no answer to the last: they count as failed. */
  readonly unanswered: number
  /** Told settled while the book was closed. */
  readonly settledNow: number
  /** The deadline passed, or the signal came, before everything was asked. */
  readonly cutShort: boolean
}

/**
 * Call it when the traffic has stopped and the retry queue is drained: a delayed payment that is not there by then
 * stays delayed, any other that is not there has failed.
 */
export async function closeBook(options: CloseOptions): Promise<ClosedBook> {
  const { book, clock } = options
  const end = new AbortController()
  const finished = new AbortController()
  const timer = clock.sleep(options.deadline ?? DEFAULT_DEADLINE, finished.signal).then(() => end.abort())
  const stop = () => end.abort()
  if (options.signal?.aborted) stop()
  options.signal?.addEventListener('abort', stop, { once: true })
  try {
    const asking = { ...options, signal: end.signal }
    const unanswered = await askAgain(asking)
    const settledNow = await settleAll(asking)
    return { ...book.counts(), unanswered, settledNow, cutShort: end.signal.aborted }
  } finally {
    options.signal?.removeEventListener('abort', stop)
    finished.abort()
    await timer
  }
}

interface Asking extends CloseOptions {
  readonly signal: AbortSignal
}

/** @returns how many never got an answer. */
async function askAgain(asking: Asking): Promise<number> {
  const { book, clock, signal } = asking
  let unanswered = new Set<string>()
  for (let round = 0; round < LOOKUP_ROUNDS && !signal.aborted; round++) {
    const missing = book.withoutPayment()
    if (missing.length === 0) return 0
    if (round > 0) await clock.sleep(BETWEEN_ROUNDS, signal)
    unanswered = new Set(missing.map(({ key }) => key))
    await eachOf(missing, asking, async ({ key }) => {
      const answer = await call(asking, {
        method: 'GET',
        path: `/payments/by-key/${encodeURIComponent(key)}`,
        read: 'json',
      })
      const paymentId = text(answer.body, 'paymentId')
      if (answer.error === null && paymentId !== null) book.recover(key, paymentId)
      if (answer.error === null || answer.status === 404) unanswered.delete(key)
    })
  }
  return unanswered.size
}

/** @returns how many were settled. */
async function settleAll(asking: Asking): Promise<number> {
  const { book, signal } = asking
  let settled = 0
  for (let round = 0; round < SETTLE_ROUNDS && !signal.aborted; round++) {
    const open = Array.from({ length: book.counts().open }, () => book.takeUnsettled()).filter((one) => one !== null)
    const left = new Set(open)
    await eachOf(open, asking, async (one) => {
      const path = `/payments/${encodeURIComponent(one.paymentId)}/settlement`
      const answer = await call(asking, { method: 'POST', path })
      left.delete(one)
      if (answer.error === null) settled++
      book.endSettling(one.key, answer.error === null)
    })
    for (const { key } of left) book.endSettling(key, false)
  }
  return settled
}

async function call(asking: Asking, what: Omit<HttpCall, 'signal'>): Promise<HttpAnswer> {
  const { client, clock, signal } = asking
  const deadline = new AbortController()
  const done = new AbortController()
  const stop = () => deadline.abort()
  signal.addEventListener('abort', stop, { once: true })
  const timer = clock.sleep(ms(CALL_TIMEOUT), done.signal).then(stop)
  try {
    return await client.call({ ...what, signal: deadline.signal })
  } finally {
    signal.removeEventListener('abort', stop)
    done.abort()
    await timer
  }
}

/** Works through a list with so many at once; stops taking new ones when the signal comes. */
async function eachOf<T>(items: readonly T[], asking: Asking, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  const worker = async () => {
    for (const item of queue) {
      if (asking.signal.aborted) return
      await work(item)
    }
  }
  await Promise.all(Array.from({ length: asking.concurrency ?? DEFAULT_CONCURRENCY }, worker))
}
