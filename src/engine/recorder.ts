import { Problem } from '../base/problem.ts'
import type { NewEvent, Stream } from '../core/events.ts'
import type { Engine } from './engine.ts'

/** Facts kept while the ledger cannot take them; beyond it the oldest are given up. */
const MAX_UNRECORDED_FACTS = 1_000
/** Tries of facts that the ledger refuses for another reason than being away: then they are what is wrong. */
export const MAX_RECORD_TRIES = 10

/** Puts facts on the ledger of one stream. */
export interface Recorder {
  /** Appends the facts, behind those that could not be appended before. Resolves when it was tried; never rejects. */
  record(facts: readonly NewEvent[]): Promise<void>
  unrecorded(): number
}

/** A monitor says a fact once: what the ledger does not take now is kept and tried again with the next. */
export function createRecorder(
  engine: Pick<Engine, 'append'>,
  stream: Stream,
  onError: (error: unknown) => void,
): Recorder {
  let unrecorded: readonly NewEvent[] = []
  let refusals = 0
  let last: Promise<void> = Promise.resolve()

  const giveUp = (count: number, why: string) => {
    unrecorded = unrecorded.slice(count)
    onError(new Error(`${count} facts of ${stream.environment}/${stream.service} are lost: ${why}`))
  }
  const attempt = async () => {
    const batch = unrecorded
    if (batch.length === 0) return
    try {
      await engine.append(stream, batch)
      unrecorded = unrecorded.slice(batch.length)
      refusals = 0
    } catch (error) {
      onError(error)
      const away = error instanceof Problem && error.retriable
      refusals = away ? 0 : refusals + 1
      if (refusals < MAX_RECORD_TRIES) return
      refusals = 0
      giveUp(batch.length, `the ledger refused them ${MAX_RECORD_TRIES} times`)
    }
  }

  return {
    record: (facts) => {
      // Added within the turn, so that the batch of an attempt stays at the front.
      last = last.then(async () => {
        unrecorded = [...unrecorded, ...facts]
        const excess = unrecorded.length - MAX_UNRECORDED_FACTS
        if (excess > 0) giveUp(excess, `more than ${MAX_UNRECORDED_FACTS} are waiting for the ledger`)
        await attempt()
      })
      return last
    },
    unrecorded: () => unrecorded.length,
  }
}
