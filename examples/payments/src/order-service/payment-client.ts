/** Asks the payment-service, through the gateway, to take a payment. */
import { messageOf } from '../shared/log.ts'
import type { OpenPayment } from './orders.ts'

/** How long one attempt may take, milliseconds: a little more than the payment-service waits for its pool. */
export const PAYMENT_DEADLINE_MS = 6_000

/** Refusals that say nothing about the payment itself: time-out, conflict, too early, too many requests. */
const TRANSIENT_REFUSALS = new Set([408, 409, 425, 429])

export type PaymentAttempt =
  | { readonly outcome: 'accepted'; readonly paymentId: number }
  /** Not known to be taken; the same key may be sent again. */
  | { readonly outcome: 'delayed'; readonly reason: string }
  | { readonly outcome: 'refused'; readonly reason: string }

export type RequestPayment = (payment: OpenPayment, traceparent?: string) => Promise<PaymentAttempt>

function paymentIdOf(body: unknown): number | null {
  if (typeof body !== 'object' || body === null || !('paymentId' in body)) return null
  return typeof body.paymentId === 'number' ? body.paymentId : null
}

async function judge(response: Response): Promise<PaymentAttempt> {
  if (response.status === 200 || response.status === 201) {
    const paymentId = paymentIdOf(await response.json())
    if (paymentId !== null) return { outcome: 'accepted', paymentId }
    return { outcome: 'delayed', reason: 'answer without a paymentId' }
  }
  await response.arrayBuffer()
  const reason = `HTTP ${response.status}`
  const final = response.status >= 400 && response.status < 500 && !TRANSIENT_REFUSALS.has(response.status)
  return { outcome: final ? 'refused' : 'delayed', reason }
}

/** Never throws: what went wrong is the outcome's reason. */
export function paymentClient(gatewayUrl: string): RequestPayment {
  const url = new URL('/payments', gatewayUrl)
  return async ({ key, customerId, orderId, amountCents, requestedAt }, traceparent) => {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': key,
          ...(traceparent === undefined ? {} : { traceparent }),
        },
        body: JSON.stringify({ customerId, orderId, amountCents, requestedAt }),
        signal: AbortSignal.timeout(PAYMENT_DEADLINE_MS),
      })
      return await judge(response)
    } catch (error) {
      const cause = error instanceof Error && error.cause !== undefined ? `: ${messageOf(error.cause)}` : ''
      return { outcome: 'delayed', reason: `${messageOf(error)}${cause}` }
    }
  }
}
