/**
 * The client's book: every attempt to pay, under its idempotency key, and the last that the client was told about it.
 * Reconciliation holds the database to it.
 */
import { Problem } from '../../../base/problem.ts'
import type { EpochMs } from '../../../base/time.ts'
import type { ToldPayment } from '../../../core/rehearse/reconcile.ts'

/** Attempts kept by default: at 40 payments a second more than an hour. */
const DEFAULT_MAX_ATTEMPTS = 200_000

/** An attempt to pay that is about to be sent. */
export interface NewAttempt {
  /** Unique. */
  readonly key: string
  /** An order is an attempt too: it asks for a payment. */
  readonly operation: 'pay' | 'order'
  readonly at: EpochMs
  /** Null for an order: its number comes with the answer. */
  readonly orderId: string | null
}

/** What the client was told. Order numbers and payment numbers are the system's own, as text. */
export type Told =
  | { readonly told: 'accepted'; readonly paymentId: string; readonly orderId?: string }
  | { readonly told: 'delayed'; readonly orderId: string }
  | { readonly told: 'failed'; readonly status: number }
  /** No answer, or none that could be read. */
  | { readonly told: 'unknown' }

/** An attempt and all that the client knows of it. */
export interface Attempt extends NewAttempt {
  /** `waiting`: sent, nothing heard yet. */
  readonly told: 'waiting' | Told['told']
  /** HTTP status when it failed. */
  readonly status: number | null
  readonly paymentId: string | null
  /** The client was told once that the payment comes later. */
  readonly delayed: boolean
  /** The client learnt only by asking again that the payment had been accepted. */
  readonly recovered: boolean
  readonly toldSettled: boolean
}

/** Attempts by what the client knows. */
export interface BookCounts {
  readonly attempts: number
  /** Told accepted by now. */
  readonly accepted: number
  /** Told at first that the payment comes later. */
  readonly delayed: number
  readonly recovered: number
  /** Failed or without an answer, as far as the client knows. */
  readonly failed: number
  /** Accepted, and not yet told settled. */
  readonly open: number
}

/** A payment that somebody is about to settle. */
export interface Settling {
  readonly key: string
  readonly paymentId: string
}

/** See the head of this file. Bounded. */
export interface Book {
  /** @throws Problem `traffic-book-full`. */
  begin(attempt: NewAttempt): void
  /** @throws Error for a key that was never begun. */
  tell(key: string, told: Told): void
  /** The client asked again and was told that the payment is there. */
  recover(key: string, paymentId: string): void
  /** Takes the oldest accepted payment that nobody is settling; null when there is none. */
  takeUnsettled(): Settling | null
  /** What came of settling one that was taken: told settled, or back at the end of the line. */
  endSettling(key: string, toldSettled: boolean): void
  /** Attempts without a payment that the client knows of: waiting, failed, unknown or delayed. */
  withoutPayment(): readonly Attempt[]
  counts(): BookCounts
  attempts(): readonly Attempt[]
  /** For the reconciliation. */
  told(): readonly ToldPayment[]
}

/** An empty book. */
export function createBook(maxAttempts: number = DEFAULT_MAX_ATTEMPTS): Book {
  const attempts = new Map<string, Attempt>()
  /** Keys of accepted payments that nobody is settling, oldest first. */
  const unsettled = new Set<string>()
  const change = (key: string, by: Partial<Attempt>) => {
    const attempt = attempts.get(key)
    if (!attempt) throw new Error(`no attempt has the key ${key}`)
    attempts.set(key, { ...attempt, ...by })
  }
  return {
    begin(attempt) {
      if (attempts.size >= maxAttempts) throw full(maxAttempts)
      if (attempts.has(attempt.key)) throw new Error(`the key ${attempt.key} was used before`)
      attempts.set(attempt.key, { ...attempt, ...NOTHING_HEARD })
    },
    tell(key, told) {
      change(key, {
        ...told,
        ...(told.told === 'delayed' ? { delayed: true } : {}),
      })
      if (told.told === 'accepted') unsettled.add(key)
    },
    recover(key, paymentId) {
      // A delayed payment that is there was only late: the client had been told of it.
      change(key, { told: 'accepted', paymentId, recovered: attempts.get(key)?.told !== 'delayed' })
      unsettled.add(key)
    },
    takeUnsettled() {
      for (const key of unsettled) {
        unsettled.delete(key)
        const paymentId = attempts.get(key)?.paymentId ?? null
        if (paymentId !== null) return { key, paymentId }
      }
      return null
    },
    endSettling(key, toldSettled) {
      if (toldSettled) change(key, { toldSettled })
      else unsettled.add(key)
    },
    withoutPayment: () => [...attempts.values()].filter(({ told }) => told !== 'accepted'),
    counts: () => count([...attempts.values()]),
    attempts: () => [...attempts.values()],
    told: () => [...attempts.values()].map(asTold),
  }
}

const NOTHING_HEARD = {
  told: 'waiting',
  status: null,
  paymentId: null,
  delayed: false,
  recovered: false,
  toldSettled: false,
} as const

function count(attempts: readonly Attempt[]): BookCounts {
  const number = (which: (attempt: Attempt) => boolean) => attempts.filter(which).length
  return {
    attempts: attempts.length,
    accepted: number(({ told }) => told === 'accepted'),
    delayed: number(({ delayed }) => delayed),
    recovered: number(({ recovered }) => recovered),
    failed: number(({ told }) => told !== 'accepted' && told !== 'delayed'),
    open: number(({ told, toldSettled }) => told === 'accepted' && !toldSettled),
  }
}

const asTold = ({ key, orderId, paymentId, told, toldSettled }: Attempt): ToldPayment => ({
  key,
  orderId,
  paymentId,
  toldSettled,
  told: told === 'accepted' || told === 'delayed' ? told : 'failed',
})

const full = (maxAttempts: number) =>
  new Problem({
    code: 'traffic-book-full',
    what: `The traffic has made ${maxAttempts} attempts to pay, the most that its book holds.`,
    remedy: 'Run the drill for a shorter time, or at a lower rate.',
  })
