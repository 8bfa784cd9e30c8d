import { type Clock, type DurationMs, epochMs } from '../../base/time.ts'

/** The machine's own clock: `Date.now` for timestamps, `performance.now` for durations, `setTimeout` to wait. */
export function systemClock(): Clock {
  return {
    now: () => epochMs(Date.now()),
    monotonic: () => performance.now(),
    sleep,
  }
}

function sleep(duration: DurationMs, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const finish = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, duration)
    signal?.addEventListener('abort', finish, { once: true })
  })
}
