/** Our generator against one server, as a benchmark runs it. */
import { type LoadSummary, startLoad } from '../../src/adapters/load/generator.ts'
import { httpClient } from '../../src/adapters/load/http-client.ts'
import { httpOperation } from '../../src/adapters/load/http-operation.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { prng } from '../../src/base/prng.ts'
import { ms } from '../../src/base/time.ts'
import type { LoadProfile } from '../../src/core/rehearse/load.ts'

export interface Run {
  readonly url: string
  readonly rate: number
  readonly runMs: number
  readonly arrivals: LoadProfile['arrivals']
}

/** GET / at a rate for a time. */
export async function runOurs({ url, rate, runMs, arrivals }: Run): Promise<LoadSummary> {
  const clock = systemClock()
  const client = httpClient({ baseUrl: url })
  const load = startLoad({
    profile: {
      rate,
      arrivals,
      operations: [{ operation: 'get', weight: 1 }],
      maxInFlight: 10_000,
      timeout: ms(10_000),
    },
    prng: prng(1),
    operations: { get: httpOperation(client, () => ({ method: 'GET', path: '/' })) },
    clock,
  })
  await clock.sleep(ms(runMs))
  const summary = await load.stop()
  client.close()
  return summary
}

/** "In time": the limit for the 99th percentile of the send lag. */
export const MAX_SEND_LAG_MS = 1
const RUN_MS = 3000
const STEPS = 6
const FASTEST = 32_000
/** What else runs on the machine only ever adds lag, so a rate is kept when one of so many tries keeps it. */
const TRIES = 3
/** Of the asked rate: less means that requests failed or that the schedule was not kept. */
const KEPT = 0.99

export interface Highest {
  readonly rate: number
  readonly sendLagP99: number
}

/** The control: the send lag of a generator that has nothing to do but to send nothing in time, 99th percentile. */
export async function noiseOfTheMachine(): Promise<number> {
  const clock = systemClock()
  const load = startLoad({
    profile: {
      rate: 200,
      arrivals: 'poisson',
      operations: [{ operation: 'nothing', weight: 1 }],
      maxInFlight: 10,
      timeout: ms(1000),
    },
    prng: prng(1),
    operations: { nothing: async () => ({ status: 200, result: 'ok', servedBy: null, error: null }) },
    clock,
  })
  await clock.sleep(ms(RUN_MS))
  return (await load.stop()).sendLagMs.p99
}

/** The highest rate at which the 99th percentile of the send lag is at most 1 ms and nothing fails, by bisection. */
export async function highestRate(url: string, say: (line: string) => void): Promise<Highest> {
  let low = 0
  let high = FASTEST
  let best: Highest = { rate: 0, sendLagP99: 0 }
  await runOurs({ url, rate: 2000, runMs: RUN_MS, arrivals: 'poisson' })
  for (let step = 0; step < STEPS; step++) {
    const rate = Math.round((low + high) / 2)
    const kept = await keeps({ url, rate }, say)
    if (kept) best = kept
    if (kept) low = rate
    else high = rate
  }
  return best
}

async function keeps(of: Pick<Run, 'url' | 'rate'>, say: (line: string) => void): Promise<Highest | null> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const { ok, sendLagMs } = await runOurs({ ...of, runMs: RUN_MS, arrivals: 'poisson' })
    const rate = Math.round((ok * 1000) / RUN_MS)
    say(`  ${of.rate}/s: ${rate}/s sent and answered, send lag p99 ${sendLagMs.p99.toFixed(2)} ms`)
    if (sendLagMs.p99 <= MAX_SEND_LAG_MS && rate >= of.rate * KEPT) return { rate, sendLagP99: sendLagMs.p99 }
  }
  return null
}
