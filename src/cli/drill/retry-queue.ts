import type { Acting } from './acting.ts'

const DRAIN_DEADLINE_MS = 60_000

/** Asks the order service to try everything that is waiting, now. */
export async function drainQueue(acting: Acting): Promise<{ processed: number; remaining: number }> {
  const response = await fetch(`${acting.system.orderUrl}/retry-queue/drain`, {
    method: 'POST',
    signal: AbortSignal.any([acting.options.scope.signal, AbortSignal.timeout(DRAIN_DEADLINE_MS)]),
  })
  const body: unknown = await response.json()
  if (!isDrained(body)) throw new Error(`the order service answered ${response.status} to a drain of its retry queue`)
  return body
}

const isDrained = (body: unknown): body is { processed: number; remaining: number } =>
  typeof body === 'object' &&
  body !== null &&
  'processed' in body &&
  'remaining' in body &&
  typeof body.processed === 'number' &&
  typeof body.remaining === 'number'
