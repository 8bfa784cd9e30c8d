import type { LedgerEvent, NewEvent } from '../core/events.ts'
import type { Answer, Look, Monitor, Question } from '../core/monitor.ts'
import type { Observation } from '../core/watch/samples.ts'

/** A question, and whose it is. */
export interface Asked {
  readonly monitor: string
  readonly question: Question
}

/** What the monitors found out together. */
export interface Findings {
  readonly facts: readonly NewEvent[]
  readonly asked: readonly Asked[]
}

/** The monitors of one stream with their states. A monitor that throws keeps its state and does not disturb the others. */
export interface Watchers {
  note(event: LedgerEvent): void
  look(recent: readonly Observation[]): Findings
  answer(asked: Asked, answer: Answer): Findings
}

/** All in their initial states. `onError` is told of what a monitor throws. */
export function createWatchers(monitors: readonly Monitor<unknown>[], onError: (error: unknown) => void): Watchers {
  const states = new Map<string, unknown>(monitors.map((monitor) => [monitor.name, monitor.initial]))

  const guarded = (work: () => void) => {
    try {
      work()
    } catch (error) {
      onError(error)
    }
  }
  const gather = (each: readonly Monitor<unknown>[], ask: (monitor: Monitor<unknown>) => Look<unknown>): Findings => {
    const facts: NewEvent[] = []
    const asked: Asked[] = []
    for (const monitor of each) {
      guarded(() => {
        const seen = ask(monitor)
        states.set(monitor.name, seen.state)
        facts.push(...seen.facts)
        asked.push(...seen.questions.map((question) => ({ monitor: monitor.name, question })))
      })
    }
    return { facts, asked }
  }

  return {
    note: (event) => {
      for (const monitor of monitors) {
        guarded(() => states.set(monitor.name, monitor.note(states.get(monitor.name), event)))
      }
    },
    look: (recent) => gather(monitors, (monitor) => monitor.look(states.get(monitor.name), recent)),
    answer: ({ monitor: name }, answer) =>
      gather(
        monitors.filter((monitor) => monitor.name === name),
        (monitor) => monitor.answer(states.get(name), answer),
      ),
  }
}
