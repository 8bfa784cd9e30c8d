import { type Clock, type DurationMs, toSeconds } from '../base/time.ts'

/** How long some work may take, and by which clock. */
export interface Deadline {
  readonly clock: Pick<Clock, 'sleep'>
  readonly after: DurationMs
  /** What takes place, for the error: `migrations.apply`. */
  readonly what: string
  /** Aborts the work's signal, too. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The work's result. At the deadline the work's signal is aborted and this rejects at once: work that does not listen to
 * its signal is left behind, and its result comes too late to count.
 */
export async function withDeadline<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, after, what, signal } = deadline
  const done = new AbortController()
  const late = new AbortController()
  const expiry = clock.sleep(after, done.signal).then((): never | undefined => {
    if (done.signal.aborted) return undefined
    const error = new Error(`${what} was not done after ${toSeconds(after)} s`)
    late.abort(error)
    throw error
  })
  const result = work(signal ? AbortSignal.any([signal, late.signal]) : late.signal).then((value) => ({ value }))
  try {
    const first = await Promise.race([result, expiry])
    return (first ?? (await result)).value
  } finally {
    done.abort()
  }
}
