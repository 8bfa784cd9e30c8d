/** What every part of a document is made from. */
import { type Attempt, attemptsOf } from './attempts.ts'
import { type ActFacts, type ActInput, factsOf } from './facts.ts'
import { type Replay, replayGuards } from './guards.ts'
import type { DrillFacts } from './inputs.ts'

/** Everything that a postmortem is written from. */
export interface PostmortemInput {
  readonly drill: DrillFacts
  /** The act that the document is about. */
  readonly subject: ActInput
  /** The act that it is compared with; null when there was none. */
  readonly other: ActInput | null
}

/** The same, with what was found in it. */
export interface Context {
  readonly drill: DrillFacts
  readonly own: ActFacts
  readonly other: ActFacts | null
  readonly attempts: readonly Attempt[]
  readonly replays: readonly Replay[]
}

/** Finds once what all parts need. */
export function contextOf(input: PostmortemInput): Context {
  const own = factsOf(input.subject, 'e')
  const other = input.other === null ? null : factsOf(input.other, input.other.result.act === 'guarded' ? 'g' : 'u')
  return { drill: input.drill, own, other, attempts: attemptsOf(own), replays: replayGuards(own) }
}
