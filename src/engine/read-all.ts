import type { LedgerEvent, Stream } from '../core/events.ts'
import type { Store } from '../core/store.ts'

/** Events of one stream that may be held in memory at once; some 500 MB. */
const MAX_EVENTS_READ = 1_000_000
const EVENTS_PER_PAGE = 10_000

/** Which part, and in which pages. */
export interface ReadAllOptions {
  /** Only events with a greater sequence. Default 0: all. */
  readonly after?: number
  /** Events per read of the store, 1 to 10,000. Default 10,000. */
  readonly pageSize?: number
}

/**
 * All events of a stream in order, however many pages that takes.
 * @throws Error when there are more than MAX_EVENTS_READ: read such a stream in parts, with `after`.
 */
export async function readAll(
  store: Pick<Store, 'read'>,
  stream: Stream,
  options: ReadAllOptions = {},
): Promise<readonly LedgerEvent[]> {
  const limit = options.pageSize ?? EVENTS_PER_PAGE
  const events: LedgerEvent[] = []
  let after = options.after ?? 0
  while (events.length <= MAX_EVENTS_READ) {
    const page = await store.read(stream, { after, limit })
    for (const event of page) events.push(event)
    after = page.at(-1)?.sequence ?? after
    if (page.length < limit) return events
  }
  throw new Error(`${stream.environment}/${stream.service} has more than ${MAX_EVENTS_READ} events`)
}
