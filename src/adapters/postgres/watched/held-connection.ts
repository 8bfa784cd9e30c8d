/** One connection that is kept, used by one at a time, and made again after it broke. */
import type pg from 'pg'
import { type DurationMs, ms } from '../../../base/time.ts'
import { type ClientOptions, connect, destroy, disconnect, messageOf } from './client.ts'

/** How to connect, and a source of time for the pauses between attempts. */
export interface HeldOptions extends ClientOptions {
  /** Milliseconds from an arbitrary zero. */
  readonly monotonic: () => number
}

/** How long one use may take. */
export interface UseOptions {
  readonly signal: AbortSignal
  /** From the wait for the connection to the last answer. */
  readonly deadline: DurationMs
}

/** A connection that outlives its own failures. */
export interface HeldConnection {
  /**
   * Runs `work` on the connection. When the deadline passes or `signal` is aborted the connection is given up, so that
   * nothing old answers the next one.
   * @throws Error in plain words when there is no connection; what `work` throws
   */
  use<T>(work: (client: pg.Client) => Promise<T>, options: UseOptions): Promise<T>
  /** Connects now, so that the connection is there before the server is full. A failure is told by the next `use`. */
  open(): void
  /** Ends it; `use` then always fails. */
  close(): Promise<void>
}

/** After a failed attempt to connect none is made for so long; doubled after each further one. */
const FIRST_PAUSE = ms(250)
const LONGEST_PAUSE = ms(5000)
/** Callers that wait for their turn. */
export const MAX_WAITING = 32

class Held implements HeldConnection {
  private readonly options: HeldOptions
  private client: pg.Client | null = null
  private turn: Promise<unknown> = Promise.resolve()
  private waiting = 0
  private failures = 0
  private notBefore = Number.NEGATIVE_INFINITY
  private lastFailure = ''
  private closed = false

  constructor(options: HeldOptions) {
    this.options = options
  }

  use<T>(work: (client: pg.Client) => Promise<T>, options: UseOptions): Promise<T> {
    if (this.waiting >= MAX_WAITING) return Promise.reject(new Error(`${MAX_WAITING} questions wait already`))
    this.waiting += 1
    const limited = AbortSignal.any([options.signal, AbortSignal.timeout(options.deadline)])
    const result = this.turn
      .then(() => this.inTurn(work, limited))
      .finally(() => {
        this.waiting -= 1
      })
    // The caller hears of a failure; the next in turn is not held up by it.
    this.turn = result.catch(() => undefined)
    return result
  }

  open(): void {
    // A failure is remembered, and told by the next use.
    this.turn = this.turn.then(() => this.connected()).catch(() => undefined)
  }

  async close(): Promise<void> {
    this.closed = true
    const { client } = this
    this.client = null
    if (client !== null) await disconnect(client)
  }

  private async inTurn<T>(work: (client: pg.Client) => Promise<T>, signal: AbortSignal): Promise<T> {
    if (signal.aborted) throw new Error('no answer in time')
    const client = await this.connected()
    const gaveUp = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('no answer in time')), { once: true })
    })
    try {
      return await Promise.race([work(client), gaveUp])
    } catch (error) {
      if (signal.aborted) this.drop(client)
      throw error
    }
  }

  private async connected(): Promise<pg.Client> {
    if (this.closed) throw new Error('the connection was closed')
    if (this.client !== null) return this.client
    if (this.options.monotonic() < this.notBefore) throw new Error(this.lastFailure)
    try {
      const client = await connect(this.options)
      const gone = () => {
        if (this.client === client) this.client = null
      }
      client.once('end', gone)
      client.once('error', gone)
      this.failures = 0
      if (this.closed) await disconnect(client)
      else this.client = client
      return client
    } catch (error) {
      const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.failures)
      this.failures += 1
      this.notBefore = this.options.monotonic() + pause
      this.lastFailure = `no connection: ${messageOf(error)}`
      throw new Error(this.lastFailure, { cause: error })
    }
  }

  private drop(client: pg.Client): void {
    if (this.client === client) this.client = null
    destroy(client)
  }
}

/** Connects at `open`, or at the first use. */
export const holdConnection = (options: HeldOptions): HeldConnection => new Held(options)
