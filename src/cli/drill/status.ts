import { plus, seconds } from '../../base/time.ts'
import { scenarioTime } from '../../core/rehearse/scenario.ts'
import type { Acting } from './acting.ts'
import { poolOf } from './pool.ts'

const EVERY_MS = 1000
/** What the status line looks back on. */
const WINDOW_SECONDS = 3

/** Feeds the live view's status line until stopped. */
export function startStatus(acting: Acting, act: string): { stop(): void } {
  const { options, view, control, scenario, events } = acting
  const timer = setInterval(() => {
    const now = options.clock.now()
    const traffic = view.between(plus(now, seconds(-WINDOW_SECONDS)), now)
    const pool = poolOf(control.latest(), options.script.service)
    const firing = new Set<string>()
    for (const event of events) {
      if (event.type === 'alert.fired') firing.add(event.data.rule)
      if (event.type === 'alert.resolved') firing.delete(event.data.rule)
    }
    options.live.status({
      time: scenarioTime(scenario, now),
      act,
      requestsPerSecond: traffic.requests / WINDOW_SECONDS,
      errorPercent: traffic.requests === 0 ? 0 : (traffic.failed / traffic.requests) * 100,
      p95Ms: traffic.p95Ms,
      pool,
      firing: [...firing],
    })
  }, EVERY_MS)
  return {
    stop() {
      clearInterval(timer)
      options.live.quiet()
    },
  }
}
