/** The traffic of one act, from its first request to the reconciliation of its payments. */
import { type LoadSnapshot, type LoadSummary, startLoad } from '../../../adapters/load/generator.ts'
import { httpClient } from '../../../adapters/load/http-client.ts'
import { prng } from '../../../base/prng.ts'
import type { Clock } from '../../../base/time.ts'
import type { Facts } from '../../../core/events.ts'
import type { RequestOutcome } from '../../../core/rehearse/load.ts'
import type { Reconciliation } from '../../../core/rehearse/reconcile.ts'
import type { Book } from './book.ts'
import { type CloseOptions, closeBook } from './close.ts'
import { paymentTraffic, type TrafficOptions } from './payments.ts'
import { reconcileBook } from './reconcile.ts'

/** Where the traffic goes, and who is told of it. */
export interface PaymentTrafficOptions extends Omit<TrafficOptions, 'client'> {
  readonly gatewayUrl: string
  readonly clock: Clock
  /** Called once for each request, when it has ended. Must not throw. */
  readonly onOutcome?: (outcome: RequestOutcome) => void
}

/** The traffic of one act. */
export interface PaymentTraffic {
  readonly book: Book
  snapshot(): LoadSnapshot
  /** No more requests; resolves when those under way have ended. Idempotent. */
  stop(): Promise<LoadSummary>
  /** Ends at once: requests under way are cut off and fail. */
  abandon(): Promise<LoadSummary>
  /**
   * Asks again about every payment that the client knows nothing of and settles all that are open; then the counts are
   * final. Call it when the retry queue is drained. Stops the traffic first. The signal ends it early.
   */
  closeBook(
    signal?: AbortSignal,
    options?: Pick<CloseOptions, 'concurrency' | 'deadline'>,
  ): Promise<Facts['traffic.counted']>
  /** What clients were told against what the database says. Call it when the book is closed. */
  reconcile(databaseUrl: string): Promise<{
    readonly counts: Facts['reconciliation.finished']
    /** One sentence for each payment that does not fit, at most 50. */
    readonly offenders: readonly string[]
  }>
}

/** Starts sending at once. @throws Problem `invalid-address`, `invalid-load-profile`. */
export function startPaymentTraffic(options: PaymentTrafficOptions): PaymentTraffic {
  const { gatewayUrl, clock, seed, onOutcome } = options
  const client = httpClient({ baseUrl: gatewayUrl })
  const { profile, operations, book } = paymentTraffic({ ...options, client })
  const since = clock.now()
  const load = startLoad({ profile, prng: prng(seed), operations, clock, ...(onOutcome ? { onOutcome } : {}) })
  const stop = async () => {
    const summary = await load.stop()
    client.close()
    return summary
  }
  return {
    book,
    snapshot: () => load.snapshot(),
    stop,
    abandon: () => {
      client.close()
      return stop()
    },
    closeBook: async (signal, limits) => {
      const { ok, delayed, failed, dropped } = await stop()
      const closed = await closeBook({ book, client, clock, ...(signal ? { signal } : {}), ...limits })
      client.close()
      return {
        sent: ok + delayed + failed,
        succeeded: ok + delayed,
        failed,
        dropped,
        failedPayments: closed.failed,
        delayedPayments: closed.delayed,
        recoveredPayments: closed.recovered,
      }
    },
    reconcile: async (databaseUrl) => asFacts(await reconcileBook({ databaseUrl, book, since })),
  }
}

function asFacts(of: Reconciliation) {
  const { told, settled, failed, refunded, open, lost, double } = of
  return {
    counts: { told, settled, failed, refunded, open, lost, double },
    offenders: of.offenders.map(({ kind, key, detail }) => `${kind.replaceAll('-', ' ')}: ${detail} (key ${key})`),
  }
}
