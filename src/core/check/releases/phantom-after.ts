import type { SchemaState } from '../plans.ts'
import type { Phantom } from '../ports.ts'

/**
 * The same phantom as seen by a change that begins after the first `statements`: its state 0 has them applied, and its
 * `applied` begins behind them. What was pending before the change under check is thus on both sides of every comparison.
 */
export function phantomAfter(phantom: Phantom, statements: number): Phantom {
  if (statements === 0) return phantom
  const shifted = (state: SchemaState): SchemaState => ({ ...state, statements: state.statements + statements })
  return {
    skipped: phantom.skipped,
    applied: phantom.applied.slice(statements),
    failure: phantom.failure,
    plan: (queries, state, signal) => phantom.plan(queries, shifted(state), signal),
    planAll: (queries, states, signal) => phantom.planAll(queries, states.map(shifted), signal),
    run: (queries, state, signal) => phantom.run(queries, shifted(state), signal),
    sizeOf: (relation, state, signal) => phantom.sizeOf(relation, shifted(state), signal),
    inState: (state, read, signal) => phantom.inState(shifted(state), read, signal),
    close: () => phantom.close(),
  }
}
