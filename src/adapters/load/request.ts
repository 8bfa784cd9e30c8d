/** One request of the generator while it is under way. */
import { type DurationMs, type EpochMs, epochMs } from '../../base/time.ts'
import type { Arrival } from '../../core/rehearse/schedule.ts'
import type { Operation, OperationAnswer, OperationContext } from './operation.ts'

/** One request that has been sent. The signal is made only when the operation asks for it: most never need one. */
export class Underway implements OperationContext {
  readonly arrival: number
  readonly operation: string
  readonly intended: number
  readonly sent: number
  readonly intendedAt: EpochMs
  readonly timeout: DurationMs
  #abort: AbortController | null = null
  #late = false

  constructor(arrival: Arrival, times: { start: number; startedAt: EpochMs; sent: number; timeout: DurationMs }) {
    this.arrival = arrival.number
    this.operation = arrival.operation
    this.intended = times.start + arrival.offset
    this.sent = times.sent
    this.intendedAt = epochMs(times.startedAt + arrival.offset)
    this.timeout = times.timeout
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.#late) this.#abort.abort()
    return this.#abort.signal
  }

  abort(): void {
    this.#late = true
    this.#abort?.abort()
  }
}

/** The operation's answer; a throw becomes a failure with its message. Never rejects. */
export async function perform(operation: Operation | undefined, context: OperationContext): Promise<OperationAnswer> {
  try {
    if (!operation) throw new Error('unknown operation')
    return await operation(context)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { status: null, result: 'failed', servedBy: null, error: `client error: ${message}` }
  }
}
