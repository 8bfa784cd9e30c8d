import type { Command } from '../core/commands.ts'
import type { Decider } from '../core/decider.ts'
import { fact, type LedgerEvent, type NewEvent } from '../core/events.ts'
import type { StoreTransaction } from '../core/store.ts'

/** Deciders of any state: a list of them holds machines that differ in their states. */
export type AnyDecider = Decider<unknown>

/** Events that decisions may add to one append. More means that two deciders answer each other for ever: a bug. */
export const MAX_CASCADE_EVENTS = 200

/**
 * Appends `facts` and lets every decider see every event in the ledger's order, those that decisions add included.
 * States, commands and reasons go into the same transaction. Returns what was appended, the given facts first.
 * @throws StreamConflict when another writer was first. Nothing is kept then.
 */
export async function appendAndDecide(
  transaction: StoreTransaction,
  deciders: readonly AnyDecider[],
  facts: readonly NewEvent[],
): Promise<readonly LedgerEvent[]> {
  const committed = [...(await transaction.append(facts))]
  const machines: Machine[] = []
  for (const decider of deciders) machines.push(await load(transaction, decider))
  const commands: Command[] = []
  for (let next = 0; next < committed.length; next += 1) {
    const event = committed[next]
    if (event === undefined) break
    const added = machines.flatMap((machine) => step(machine, event, commands))
    if (added.length > 0) committed.push(...(await transaction.append(added)))
    if (committed.length - facts.length > MAX_CASCADE_EVENTS) {
      throw new Error(`decisions added more than ${MAX_CASCADE_EVENTS} events to one append, the last to ${event.type}`)
    }
  }
  for (const { decider, state, loaded } of machines) {
    if (state !== loaded) await transaction.saveState(decider.name, state)
  }
  if (commands.length > 0) await transaction.enqueue(commands)
  return committed
}

interface Machine {
  readonly decider: AnyDecider
  readonly loaded: unknown
  state: unknown
}

async function load(transaction: StoreTransaction, decider: AnyDecider): Promise<Machine> {
  const loaded = (await transaction.loadState(decider.name)) ?? decider.initial
  return { decider, loaded, state: loaded }
}

/** One decider sees one event. Its facts come before the decision that explains them. */
function step(machine: Machine, event: LedgerEvent, commands: Command[]): readonly NewEvent[] {
  const { decider } = machine
  const decision = decider.decide(machine.state, event)
  machine.state = decision.state
  commands.push(...decision.commands)
  if (decision.why.length === 0) return decision.facts
  const made = fact({ at: event.at, source: { kind: 'premortem', name: decider.name } }, 'decision.made', {
    decider: decider.name,
    because: event.id,
    why: decision.why,
    commands: decision.commands.map((command) => `${command.type} ${command.key}`),
  })
  return [...decision.facts, made]
}
