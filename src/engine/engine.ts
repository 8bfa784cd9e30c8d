/**
 * The loop: append events, let the deciders decide, keep states, commands and reasons in one transaction, carry the
 * commands out, append what came of them.
 *
 * E1  An event, the states after it, the commands it led to and the reasons are committed together or not at all.
 * E2  Deciders see the events of a stream one by one in the ledger's order, so a replay gives the same states.
 * E3  A command is carried out at least once. One whose outcome is on the ledger is not carried out again, and its
 *     outcome is on the ledger once.
 * E4  Listeners are told of committed events only, each once, in the order of the stream.
 */

import { Problem } from '../base/problem.ts'
import { type Clock, type DurationMs, epochMs, minutes } from '../base/time.ts'
import type { Command, CommandHandler, CommandHandlers, CommandType } from '../core/commands.ts'
import { fact, type LedgerEvent, type NewEvent, type Source, type Stream } from '../core/events.ts'
import { type Store, type StoreTransaction, StreamConflict } from '../core/store.ts'
import { withDeadline } from './deadline.ts'
import { type AnyDecider, appendAndDecide } from './decide.ts'
import { createPublisher, type Listener, streamKey } from './publisher.ts'
import { readAll } from './read-all.ts'

/** Times an append is tried when other processes write the same stream. */
export const MAX_APPEND_TRIES = 20
/** A command that throws at this attempt or later has failed. */
export const MAX_COMMAND_ATTEMPTS = 5
/** A command started this often without an end took its process down each time: it is not started again. */
export const MAX_COMMAND_STARTS = 20
/** Building an index on a large table takes hours, and is a command. */
const DEFAULT_COMMAND_DEADLINE = minutes(4 * 60)

const ENGINE: Source = { kind: 'premortem', name: 'engine' }

/** Timers are the engine's own. */
export type Handlers = Omit<CommandHandlers, 'timer.set'>

/** What `createEngine` needs. */
export interface EngineOptions {
  readonly store: Store
  readonly deciders: readonly AnyDecider[]
  readonly handlers: Handlers
  readonly clock: Clock
  /** After this long a handler's signal is aborted. Default 4 h. */
  readonly commandDeadline?: DurationMs
  /** A listener threw, or the ledger could not be read to fill a gap. Default: rethrown outside, so that it is seen. */
  readonly onError?: (error: unknown) => void
}

/** Which attempt at a command this is. */
export interface Attempt {
  /** Counts from 1. Default 1. */
  readonly attempt?: number
  /** Aborted when the worker must stop. */
  readonly signal?: AbortSignal
}

/** What an attempt came to; `already-done` when the ledger had the outcome before. */
export type Outcome = 'succeeded' | 'failed' | 'already-done'

/** The loop over all streams of one store. Any number of processes may run one over the same store. */
export interface Engine {
  /**
   * Appends facts to a stream with all that is decided on them. Returns the committed events: the given ones first, in
   * order, then those that decisions added.
   * @throws Problem `ledger-contended` when other writers were first MAX_APPEND_TRIES times.
   */
  append(stream: Stream, facts: readonly NewEvent[]): Promise<readonly LedgerEvent[]>
  /**
   * Carries out one command and appends what came of it.
   * @throws what the handler threw, while there are attempts left: the queue tries again later.
   */
  carryOut(stream: Stream, command: Command, attempt?: Attempt): Promise<Outcome>
  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void
  /** All events of a stream, with `sequence` > `after` (default 0). */
  readAll(stream: Stream, after?: number): Promise<readonly LedgerEvent[]>
}

/** Gives the facts to append; runs within the transaction, once for each try. */
type Prepare = (transaction: StoreTransaction) => Promise<readonly NewEvent[]>

/** Starts nothing and holds no connection of its own: it acts when called. */
export function createEngine(options: EngineOptions): Engine {
  const { store, deciders, clock } = options
  const publisher = createPublisher(store, options.onError ?? rethrowOutside)
  const inTurn = oneAtATime()

  const commit = (stream: Stream, prepare: Prepare): Promise<readonly LedgerEvent[]> =>
    inTurn(streamKey(stream), async () => {
      const events = await retryConflicts(stream, () =>
        store.transact(stream, async (transaction) => {
          const facts = await prepare(transaction)
          return facts.length === 0 ? [] : appendAndDecide(transaction, deciders, facts)
        }),
      )
      await publisher.publish(stream, events)
      return events
    })

  /** E3: the outcome is noted in the same transaction as its facts; a second one finds the note and appends nothing. */
  const settle = async (stream: Stream, command: Command, facts: readonly NewEvent[]): Promise<boolean> => {
    const events = await commit(stream, async (transaction) => {
      if ((await transaction.loadState(outcomeOf(command))) !== null) return []
      await transaction.saveState(outcomeOf(command), { settled: true })
      return facts
    })
    return events.length > 0
  }

  const fail = async (stream: Stream, command: Command, failure: { error: string; attempts: number }) => {
    const { key, type } = command
    const failed = fact({ at: clock.now(), source: ENGINE }, 'command.failed', { key, command: type, ...failure })
    return (await settle(stream, command, [failed])) ? 'failed' : 'already-done'
  }

  const carryOut: Engine['carryOut'] = async (stream, command, { attempt = 1, signal } = {}) => {
    if (await store.transact(stream, (transaction) => transaction.loadState(outcomeOf(command)))) return 'already-done'
    if (attempt > MAX_COMMAND_STARTS) {
      return fail(stream, command, { error: 'started, and never came to an end', attempts: attempt - 1 })
    }
    signal?.throwIfAborted()
    const work = handle(command, stream, { ...options, signal })
    const result = await work.then(
      (facts) => ({ facts }),
      (error: unknown) => ({ error }),
    )
    if ('error' in result) {
      if (attempt < MAX_COMMAND_ATTEMPTS || signal?.aborted) throw result.error
      return fail(stream, command, { error: messageOf(result.error), attempts: attempt })
    }
    const { key, type } = command
    const succeeded = fact({ at: clock.now(), source: ENGINE }, 'command.succeeded', { key, command: type })
    return (await settle(stream, command, [...result.facts, succeeded])) ? 'succeeded' : 'already-done'
  }

  return {
    append: (stream, facts) => commit(stream, async () => facts),
    carryOut,
    subscribe: publisher.subscribe,
    readAll: (stream, after = 0) => readAll(store, stream, { after }),
  }
}

interface Handling extends Pick<EngineOptions, 'handlers' | 'clock' | 'commandDeadline'> {
  readonly signal: AbortSignal | undefined
}

async function handle(command: Command, stream: Stream, handling: Handling): Promise<readonly NewEvent[]> {
  const { clock, handlers, signal } = handling
  if (command.type === 'timer.set') {
    // Never before its time, even when the queue's clock is ahead of ours.
    const at = epochMs(Math.max(clock.now(), command.data.at))
    return [fact({ at, source: ENGINE }, 'timer.elapsed', { timer: command.data.timer })]
  }
  const after = handling.commandDeadline ?? DEFAULT_COMMAND_DEADLINE
  // The compiler cannot see that a command's type picks the handler of that very command.
  const handler = handlers[command.type] as CommandHandler<CommandType>
  return withDeadline({ clock, after, what: command.type, signal }, (late) => handler(command, stream, late))
}

/** Under this name the store keeps that a command's outcome is on the ledger. */
const outcomeOf = (command: Command): string => `command ${command.key}`

async function retryConflicts<T>(stream: Stream, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof StreamConflict)) throw error
      if (tries >= MAX_APPEND_TRIES) throw contended(stream, error)
    }
  }
}

const contended = (stream: Stream, cause: StreamConflict) =>
  new Problem({
    code: 'ledger-contended',
    what: `other processes wrote to ${streamKey(stream)} first, ${MAX_APPEND_TRIES} times in a row; nothing was recorded`,
    remedy: 'Do it again. If it keeps happening, look for a process that writes to this service without pause.',
    retriable: true,
    cause,
  })

/** Runs the work of one key one after another, in the order of the calls; different keys do not wait for each other. */
function oneAtATime(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const tails = new Map<string, Promise<unknown>>()
  return async (key, work) => {
    const before = tails.get(key) ?? Promise.resolve()
    const mine = before.then(work, work)
    tails.set(key, mine)
    try {
      return await mine
    } finally {
      if (tails.get(key) === mine) tails.delete(key)
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function rethrowOutside(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
