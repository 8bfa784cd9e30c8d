/** Port of the engine: the ledger, the deciders' states and the outbox of commands, changed together or not at all. */
import type { Command } from './commands.ts'
import type { LedgerEvent, NewEvent, Stream } from './events.ts'

export interface StoreTransaction {
  /** Number of the last event of the stream; 0 when it is empty. */
  head(): Promise<number>
  /** Appends behind `head`; the ids and numbers are given here. @throws StreamConflict when another writer was first. */
  append(events: readonly NewEvent[]): Promise<readonly LedgerEvent[]>
  /** The state saved last, or null. */
  loadState(decider: string): Promise<unknown>
  saveState(decider: string, state: unknown): Promise<void>
  /** Puts commands into the outbox; a key that the outbox has seen before in this stream is not put again. */
  enqueue(commands: readonly Command[]): Promise<void>
}

export interface Store {
  /** Runs `work` in one transaction on one stream. Nothing of it is kept when it throws. */
  transact<T>(stream: Stream, work: (transaction: StoreTransaction) => Promise<T>): Promise<T>
  /** Events of a stream with `sequence` > `after`, in order, at most `limit` (default 10,000). */
  read(stream: Stream, options?: { readonly after?: number; readonly limit?: number }): Promise<readonly LedgerEvent[]>
}

/** Two writers wrote the same stream at once; the loser tries again. */
export class StreamConflict extends Error {
  constructor(stream: Stream) {
    super(`another writer appended to ${stream.environment}/${stream.service} first`)
    this.name = 'StreamConflict'
  }
}
