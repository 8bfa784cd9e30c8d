/** Keeps asking for the payments that could not be taken at once. The queue itself is a table, so it survives us. */
import type { Query } from '../shared/database.ts'
import { type Log, messageOf } from '../shared/log.ts'
import {
  claimPayments,
  markDelayed,
  markPaid,
  markRefused,
  type OpenPayment,
  type QueueState,
  queueState,
} from './orders.ts'
import { PAYMENT_DEADLINE_MS, type PaymentAttempt, type RequestPayment } from './payment-client.ts'

/** An attempt holds its row so long: its deadline, and time to write down what came of it. */
export const LEASE_MS = PAYMENT_DEADLINE_MS + 4_000
/** Attempts at a time while the queue works by itself. Few: the payment-service may be ailing. */
const RETRY_CONCURRENCY = 4
/** Attempts at a time while somebody has asked to drain the queue. */
const DRAIN_CONCURRENCY = 16
/** How long one drain may take, milliseconds; shorter than the gateway waits for it. */
const DRAIN_DEADLINE_MS = 25_000
/** How often the queue looks for due payments, milliseconds. */
const POLL_MS = 250
const FIRST_BACKOFF_MS = 1_000
const MAX_BACKOFF_MS = 10_000

/**
 * Time until the next attempt, milliseconds: doubling from 1 s to 10 s, of which a random half is taken off so that
 * what failed together does not return together. `random` is uniform in [0, 1).
 */
export function backoffMs(attempts: number, random: number): number {
  const full = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(attempts, 20))
  return Math.round(full * (1 - random / 2))
}

interface RetryQueueOptions {
  readonly query: Query
  readonly requestPayment: RequestPayment
  readonly log: Log
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly onState: (state: QueueState) => void
}

export interface RetryQueue {
  /** One attempt, written down. */
  attempt(payment: OpenPayment, traceparent?: string): Promise<PaymentAttempt>
  /** Tries everything once, now. `processed` counts what got its final answer. */
  drain(): Promise<{ readonly processed: number; readonly remaining: number }>
  start(): void
  /** Takes nothing new; resolves when the attempts under way are written down. */
  stop(): Promise<void>
}

/** Writes down what came of an attempt. */
async function record(options: RetryQueueOptions, payment: OpenPayment, result: PaymentAttempt): Promise<void> {
  const { query, log } = options
  const { key, attempts, orderId } = payment
  if (result.outcome === 'accepted') return markPaid(query, key, result.paymentId)
  const { reason } = result
  if (result.outcome === 'refused') {
    log.error('Payment refused for good', { order_id: orderId, reason })
    return markRefused(query, key, reason)
  }
  log.warn('Payment delayed', { order_id: orderId, attempts: attempts + 1, reason })
  return markDelayed(query, key, { reason, delayMs: backoffMs(attempts, options.random()) })
}

async function attemptOnce(
  options: RetryQueueOptions,
  payment: OpenPayment,
  traceparent?: string,
): Promise<PaymentAttempt> {
  const result = await options.requestPayment(payment, traceparent)
  try {
    await record(options, payment, result)
  } catch (error) {
    // The lease runs out and the row is tried again with the same key: late, but neither lost nor paid twice.
    options.log.error('Outcome of a payment not written down', {
      order_id: payment.orderId,
      reason: messageOf(error),
    })
  }
  return result
}

/** A queue over the table payment_retry_queue; any number of processes may work on one table. */
export function createRetryQueue(options: RetryQueueOptions): RetryQueue {
  const { query, log } = options
  const underWay = new Set<Promise<unknown>>()
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const attempt = (payment: OpenPayment, traceparent?: string) => attemptOnce(options, payment, traceparent)

  const track = <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work)
    const forget = () => underWay.delete(work)
    work.then(forget, forget)
    return work
  }

  const poll = async () => {
    try {
      const due = await claimPayments(query, { limit: RETRY_CONCURRENCY, leaseMs: LEASE_MS, notTriedSince: null })
      await Promise.all(due.map((payment) => attempt(payment)))
      options.onState(await queueState(query))
    } catch (error) {
      log.error('Retry queue not readable', { reason: messageOf(error) })
    }
    if (!stopped) schedule()
  }
  const schedule = () => {
    timer = setTimeout(() => track(poll()), POLL_MS)
  }

  const drain = async () => {
    const since = new Date()
    const deadline = performance.now() + DRAIN_DEADLINE_MS
    const claim = { limit: DRAIN_CONCURRENCY, leaseMs: LEASE_MS, notTriedSince: since }
    let processed = 0
    while (!stopped && performance.now() < deadline) {
      const batch = await claimPayments(query, claim)
      if (batch.length === 0) break
      const results = await Promise.all(batch.map((payment) => attempt(payment)))
      processed += results.filter((result) => result.outcome !== 'delayed').length
    }
    const state = await queueState(query)
    options.onState(state)
    return { processed, remaining: state.pending }
  }

  return {
    attempt: (payment, traceparent) => track(attempt(payment, traceparent)),
    drain: () => track(drain()),
    start: schedule,
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await Promise.allSettled(underWay)
    },
  }
}
