import type { Brand } from './brand.ts'

/** An event of the ledger: `<service>/<sequence>`, such as `payment-service/42`. Unique and stable. */
export type EventId = Brand<string, 'EventId'>
/** Names one piece of work, so that doing it twice is noticed. Derived from state, never random. */
export type IdempotencyKey = Brand<string, 'IdempotencyKey'>

export const eventId = (service: string, sequence: number): EventId => `${service}/${sequence}` as EventId
export const idempotencyKey = (...parts: (string | number)[]): IdempotencyKey => parts.join(':') as IdempotencyKey
