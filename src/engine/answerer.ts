import { type Clock, seconds } from '../base/time.ts'
import type { DatabaseInspector } from '../core/diagnose/ports.ts'
import type { Answer } from '../core/monitor.ts'
import { withDeadline } from './deadline.ts'
import type { Asked } from './watchers.ts'

/** Questions that wait for their turn. With more, the database is in such trouble that plans take too long. */
export const MAX_WAITING_QUESTIONS = 50
/** Planning takes milliseconds; a lock on the table or a server without air takes longer. */
const EXPLAIN_DEADLINE = seconds(3)

/** What `createAnswerer` needs. */
export interface AnswererOptions {
  readonly inspector: Pick<DatabaseInspector, 'explain'>
  readonly clock: Pick<Clock, 'sleep'>
  readonly onAnswer: (asked: Asked, answer: Answer) => void
  /** The answer holds the reason. Must not ask. */
  readonly onRefusal: (asked: Asked, answer: Answer) => void
  readonly signal: AbortSignal
}

/**
 * Answers questions one after the other, beside the ticks: a saturated database must not keep the watch from looking.
 * Every question is answered once, if not with a plan then with the reason; only those left at the end are not.
 */
export function createAnswerer({ inspector, clock, onAnswer, onRefusal, signal }: AnswererOptions) {
  let waiting: readonly Asked[] = []
  let working: Promise<void> = Promise.resolve()
  let idle = true

  const lookUp = async ({ question }: Asked): Promise<Answer> => {
    try {
      const deadline = { clock, after: EXPLAIN_DEADLINE, what: 'EXPLAIN', signal }
      return { question, ...(await withDeadline(deadline, (late) => inspector.explain(question.query, late))) }
    } catch (error) {
      return { question, plan: null, reason: error instanceof Error ? error.message : String(error) }
    }
  }
  const work = async () => {
    for (let next = waiting[0]; next && !signal.aborted; next = waiting[0]) {
      waiting = waiting.slice(1)
      onAnswer(next, await lookUp(next))
    }
    idle = true
  }

  return {
    ask: (asked: readonly Asked[]): void => {
      const room = MAX_WAITING_QUESTIONS - waiting.length
      waiting = [...waiting, ...asked.slice(0, room)]
      if (idle) {
        idle = false
        working = work()
      }
      const reason = `${MAX_WAITING_QUESTIONS} other questions are waiting for the database`
      for (const refused of asked.slice(room)) onRefusal(refused, { question: refused.question, plan: null, reason })
    },
    /** Resolves when no question is being answered. */
    settled: (): Promise<void> => working,
  }
}
