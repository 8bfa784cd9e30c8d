import { type Clock, type DurationMs, epochMs } from '../../src/base/time.ts'

/** The wall time at which every hand-driven clock starts. */
export const WALL_START = Date.parse('2026-03-01T10:15:00Z')

/** Time that moves only when the test says so; `advance` lets everything due happen, in order. */
export interface HandClock extends Clock {
  advance(duration: number): Promise<void>
}

interface Sleeper {
  readonly due: number
  readonly wake: () => void
}

export function handClock(): HandClock {
  let elapsed = 0
  let sleepers: readonly Sleeper[] = []
  const sleep = (duration: DurationMs, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal?.aborted) return resolve()
      const wake = () => {
        sleepers = sleepers.filter((other) => other !== sleeper)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper = { due: elapsed + duration, wake }
      sleepers = [...sleepers, sleeper]
      signal?.addEventListener('abort', wake, { once: true })
    })
  return {
    now: () => epochMs(WALL_START + elapsed),
    monotonic: () => elapsed,
    sleep,
    async advance(duration) {
      const end = elapsed + duration
      await turns()
      for (;;) {
        const next = sleepers.reduce<Sleeper | null>(
          (first, one) => (first && first.due <= one.due ? first : one),
          null,
        )
        if (!next || next.due > end) break
        elapsed = Math.max(elapsed, next.due)
        next.wake()
        await turns()
      }
      elapsed = end
      await turns()
    },
  }
}

/** Lets everything that is ready to run do so; waits of less than a millisecond are turns of the event loop. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}
