import { type Clock, type DurationMs, type EpochMs, epochMs } from '../base/time.ts'

/** Turns of the microtask queue in which work woken by the clock may run on before time moves further. */
const SETTLE_TURNS = 200

/** A clock that stands still until it is moved by hand. Work that only waits for it runs to its next wait. */
export interface ManualClock extends Clock {
  /** Moves time forward, waking sleepers at their moments, one after the other. */
  advance(duration: DurationMs): Promise<void>
  /** Sleepers that have not been woken. */
  sleeping(): number
}

interface Sleeper {
  readonly until: EpochMs
  wake(): void
}

/** Stands at `start` until `advance` is called. */
export function manualClock(start: EpochMs): ManualClock {
  let now = start
  const sleepers = new Set<Sleeper>()

  const sleep = (duration: DurationMs, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal?.aborted) return resolve()
      const sleeper = {
        until: epochMs(now + duration),
        wake: () => {
          sleepers.delete(sleeper)
          signal?.removeEventListener('abort', sleeper.wake)
          resolve()
        },
      }
      sleepers.add(sleeper)
      signal?.addEventListener('abort', sleeper.wake, { once: true })
    })

  return {
    now: () => now,
    monotonic: () => now - start,
    sleep,
    sleeping: () => sleepers.size,
    advance: async (duration) => {
      const end = epochMs(now + duration)
      await settle()
      for (let next = earliest(sleepers, end); next; next = earliest(sleepers, end)) {
        now = epochMs(Math.max(now, next.until))
        next.wake()
        await settle()
      }
      now = end
    },
  }
}

function earliest(sleepers: ReadonlySet<Sleeper>, end: EpochMs): Sleeper | undefined {
  const due = [...sleepers].filter((sleeper) => sleeper.until <= end)
  return due.sort((a, b) => a.until - b.until)[0]
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn += 1) await Promise.resolve()
}
