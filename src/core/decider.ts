import type { Command } from './commands.ts'
import type { LedgerEvent, NewEvent } from './events.ts'

/** What a decision gives: the next state, what to do, what to record besides, and why, with the numbers in it. */
export interface Decision<State> {
  readonly state: State
  readonly commands: readonly Command[]
  /** Facts that the decision itself establishes, such as `release.rollback-decided`. Deciders see them too. */
  readonly facts: readonly NewEvent[]
  /** Empty when nothing was decided: then no `decision.made` is written. */
  readonly why: readonly string[]
}

/** A pure state machine over the ledger of one stream. */
export interface Decider<State> {
  readonly name: string
  readonly initial: State
  decide(state: State, event: LedgerEvent): Decision<State>
}

/** Nothing to do: the state as it was. */
export const stay = <State>(state: State): Decision<State> => ({ state, commands: [], facts: [], why: [] })
