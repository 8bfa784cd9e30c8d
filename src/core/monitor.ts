/** Turns observations into facts: the alert rules, the judge of a release and the diagnosis are monitors. Pure. */

import type { LedgerEvent, NewEvent } from './events.ts'
import type { PlanNode } from './postgres/plan-node.ts'
import type { Observation } from './watch/samples.ts'

/** Something that a monitor needs looked up in the database. Each is answered once, or answered with a reason. */
export interface Question {
  readonly kind: 'explain'
  readonly query: string
}

export interface Answer {
  readonly question: Question
  readonly plan: PlanNode | null
  /** Why there is no plan. */
  readonly reason: string | null
}

export interface Look<State> {
  readonly state: State
  readonly facts: readonly NewEvent[]
  readonly questions: readonly Question[]
}

export interface Monitor<State> {
  readonly name: string
  readonly initial: State
  /** Takes note of an event of the stream, its own included. After a restart the ledger is noted again from the start. */
  note(state: State, event: LedgerEvent): State
  /** Looks at the newest observation. `recent`: the window, oldest first, the newest included. */
  look(state: State, recent: readonly Observation[]): Look<State>
  /** Takes the answer to a question; what follows from it comes with the facts here. */
  answer(state: State, answer: Answer): Look<State>
}
