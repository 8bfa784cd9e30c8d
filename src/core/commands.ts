/** What decisions ask the outside world to do. Carried out at least once: `key` lets the doer notice a repeat. */
import type { IdempotencyKey } from '../base/ids.ts'
import type { EpochMs } from '../base/time.ts'
import type { ReleaseId } from '../base/units.ts'
import type { NewEvent, Stream, Weight } from './events.ts'

export interface Commands {
  'migrations.apply': { release: ReleaseId }
  'replicas.start': { release: ReleaseId; replicas: number; poolMaxPerReplica: number }
  'replicas.stop': { release: ReleaseId }
  'weights.set': { weights: readonly Weight[] }
  /** Comes back as `timer.elapsed` at or after `at`. */
  'timer.set': { timer: string; at: EpochMs }
}

export type CommandType = keyof Commands
export type Command = {
  [T in CommandType]: { readonly type: T; readonly key: IdempotencyKey; readonly data: Commands[T] }
}[CommandType]
export type CommandOf<T extends CommandType> = Extract<Command, { type: T }>

/**
 * Carries out one kind of command. Returns the facts that came of it, which are appended together with
 * `command.succeeded`. A throw is retried with back-off, a limited number of times, then becomes `command.failed`.
 */
export type CommandHandler<T extends CommandType> = (
  command: CommandOf<T>,
  stream: Stream,
  signal: AbortSignal,
) => Promise<readonly NewEvent[]>

export type CommandHandlers = { readonly [T in CommandType]: CommandHandler<T> }
