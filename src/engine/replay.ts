import type { LedgerEvent } from '../core/events.ts'
import type { AnyDecider } from './decide.ts'

/**
 * The deciders' states after these events, from scratch, by decider name. Pure: what the decisions ask for and add is
 * left out, since the ledger already holds what came of it. Over a whole stream this equals the states in the store.
 */
export function replay(
  deciders: readonly AnyDecider[],
  events: readonly LedgerEvent[],
): Readonly<Record<string, unknown>> {
  const last = (decider: AnyDecider) =>
    events.reduce<unknown>((state, event) => decider.decide(state, event).state, decider.initial)
  return Object.fromEntries(deciders.map((decider) => [decider.name, last(decider)]))
}
