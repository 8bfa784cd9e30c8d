/** The Store port in memory, with its own command queue: the same engine without a database. */
import { eventId } from '../base/ids.ts'
import { type Clock, epochMs } from '../base/time.ts'
import type { Command } from '../core/commands.ts'
import type { LedgerEvent, NewEvent, Stream } from '../core/events.ts'
import { type Store, type StoreTransaction, StreamConflict } from '../core/store.ts'
import type { Engine } from './engine.ts'
import { streamKey } from './publisher.ts'

/** Commands one call of `drain` carries out. More means that each leads to the next for ever. */
const MAX_DRAINED_COMMANDS = 10_000
const DEFAULT_READ_LIMIT = 10_000

/** A command that waits to be carried out. */
export interface QueuedCommand {
  readonly stream: Stream
  readonly command: Command
  /** Counts from 1. */
  readonly attempt: number
}

/** A Store, and the job queue beside it. */
export interface MemoryStore extends Store {
  /** Carries out what is queued and due by the clock, and what comes of it. Returns the number of attempts made. */
  drain(engine: Pick<Engine, 'carryOut'>): Promise<number>
  /** Commands not yet carried out, timers included. */
  queued(): readonly QueuedCommand[]
}

interface Shelf {
  readonly events: LedgerEvent[]
  readonly states: Map<string, string>
  readonly keys: Set<string>
}

/** An empty store; timers are due by `clock`. */
export function createMemoryStore(clock: Pick<Clock, 'now'>): MemoryStore {
  const shelves = new Map<string, Shelf>()
  let queue: QueuedCommand[] = []

  const shelfOf = (stream: Stream): Shelf => {
    const shelf = shelves.get(streamKey(stream)) ?? { events: [], states: new Map(), keys: new Set() }
    shelves.set(streamKey(stream), shelf)
    return shelf
  }
  const isDue = ({ command }: QueuedCommand) => command.type !== 'timer.set' || command.data.at <= clock.now()

  const takeDue = (): QueuedCommand | undefined => {
    const due = queue.find(isDue)
    queue = queue.filter((entry) => entry !== due)
    return due
  }

  return {
    transact: async (stream, work) => {
      const shelf = shelfOf(stream)
      const draft = openDraft(stream, shelf)
      const result = await work(draft.transaction)
      for (const command of draft.commit()) queue.push({ stream, command, attempt: 1 })
      return result
    },
    read: async (stream, { after = 0, limit = DEFAULT_READ_LIMIT } = {}) =>
      copy(shelfOf(stream).events.slice(after, after + limit)),
    queued: () => queue,
    drain: async (engine) => {
      let last: unknown = null
      for (let attempts = 0; attempts < MAX_DRAINED_COMMANDS; attempts += 1) {
        const next = takeDue()
        if (next === undefined) return attempts
        await engine.carryOut(next.stream, next.command, { attempt: next.attempt }).catch((error: unknown) => {
          // The engine throws what it wants tried again.
          last = error
          queue.push({ ...next, attempt: next.attempt + 1 })
        })
      }
      throw new Error(`more than ${MAX_DRAINED_COMMANDS} commands were carried out without an end`, { cause: last })
    },
  }
}

/** What a transaction changes, kept aside until it commits. */
function openDraft(stream: Stream, shelf: Shelf): { transaction: StoreTransaction; commit(): readonly Command[] } {
  const expected = shelf.events.length
  const events: LedgerEvent[] = []
  const states = new Map<string, string>()
  const commands = new Map<string, Command>()
  const refuseIfOvertaken = () => {
    if (shelf.events.length !== expected) throw new StreamConflict(stream)
  }
  const number = (event: NewEvent, sequence: number): LedgerEvent => ({
    ...copy(event),
    at: epochMs(Math.trunc(event.at)),
    ...stream,
    sequence,
    id: eventId(stream.service, sequence),
  })

  return {
    transaction: {
      head: async () => expected + events.length,
      append: async (added) => {
        refuseIfOvertaken()
        const numbered = added.map((event, index) => number(event, expected + events.length + index + 1))
        events.push(...numbered)
        return copy(numbered)
      },
      loadState: async (decider) => {
        const text = states.get(decider) ?? shelf.states.get(decider)
        return text === undefined ? null : JSON.parse(text)
      },
      saveState: async (decider, state) => {
        states.set(decider, JSON.stringify(state))
      },
      enqueue: async (added) => {
        for (const command of added) if (!commands.has(command.key)) commands.set(command.key, copy(command))
      },
    },
    commit: () => {
      if (events.length > 0) refuseIfOvertaken()
      shelf.events.push(...events)
      for (const [decider, text] of states) shelf.states.set(decider, text)
      const fresh = [...commands.values()].filter((command) => !shelf.keys.has(command.key))
      for (const command of fresh) shelf.keys.add(command.key)
      return fresh
    },
  }
}

/** As JSON keeps it: what the memory gives back is what the database would. */
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value))
