import type { LedgerEvent, Stream } from '../core/events.ts'
import type { Store } from '../core/store.ts'
import { readAll } from './read-all.ts'

/** Told of each event once, after its commit, in the order of its stream. Must not throw and must not wait. */
export type Listener = (event: LedgerEvent) => void

/** Tells listeners of committed events. */
export interface Publisher {
  subscribe(listener: Listener): () => void
  /** Tells of committed events, and first of those that another process has put between. Never rejects. */
  publish(stream: Stream, events: readonly LedgerEvent[]): Promise<void>
}

/** `production/payment-service`, for keys and messages. */
export const streamKey = (stream: Stream): string => `${stream.environment}/${stream.service}`

/** Calls of `publish` for one stream must not overlap: the engine makes them one at a time. */
export function createPublisher(store: Pick<Store, 'read'>, onError: (error: unknown) => void): Publisher {
  const listeners = new Set<Listener>()
  const told = new Map<string, number>()

  const tell = (event: LedgerEvent) => {
    for (const listener of listeners) {
      try {
        listener(event)
      } catch (error) {
        onError(error)
      }
    }
  }

  return {
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    publish: async (stream, events) => {
      const key = streamKey(stream)
      const first = events[0]
      if (first === undefined) return
      const last = told.get(key) ?? first.sequence - 1
      try {
        // Another process wrote in between: the ledger has what this one was not told.
        const all = first.sequence === last + 1 ? events : await readAll(store, stream, { after: last })
        for (const event of all) {
          told.set(key, event.sequence)
          tell(event)
        }
      } catch (error) {
        // Nothing was told, so the next publication finds the gap and fills it.
        told.set(key, last)
        onError(error)
      }
    },
  }
}
