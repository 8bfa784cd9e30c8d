/**
 * A server that stalls for a sixth of the run. With an open loop at an even rate, a request intended s seconds before the
 * end of the stall of length S waits s, so of all requests a share of (S − x) ÷ T waits longer than x: with S = 5 s and
 * T = 30 s the 90th, 95th, 99th and 99.9th percentile are 2.00, 3.50, 4.70 and 4.97 s. A closed loop sees one slow request.
 */
import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { startLoad } from '../../src/adapters/load/generator.ts'
import { decodeHistogram } from '../../src/adapters/load/histogram.ts'
import { httpClient } from '../../src/adapters/load/http-client.ts'
import { httpOperation } from '../../src/adapters/load/http-operation.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { prng } from '../../src/base/prng.ts'
import { ms } from '../../src/base/time.ts'

const RUN = 6000
const STALL = 1000

describe('coordinated omission', () => {
  it('does not happen: the percentiles are those of a server that stalled, not of a client that waited', async () => {
    const clock = systemClock()
    const begun = clock.monotonic()
    const server = createServer((_, outgoing) => {
      const at = clock.monotonic() - begun
      const wait = at >= 2000 && at < 2000 + STALL ? 2000 + STALL - at : 0
      if (wait > 0) setTimeout(() => outgoing.end('{}'), wait)
      else outgoing.end('{}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (typeof address !== 'object' || !address) throw new Error('the server has no port')
    const client = httpClient({ baseUrl: `http://127.0.0.1:${address.port}` })
    const load = startLoad({
      profile: {
        rate: 200,
        arrivals: 'even',
        operations: [{ operation: 'get', weight: 1 }],
        maxInFlight: 2000,
        timeout: ms(5000),
      },
      prng: prng(1),
      operations: { get: httpOperation(client, () => ({ method: 'GET', path: '/' })) },
      clock,
    })
    await clock.sleep(ms(RUN))
    const summary = await load.stop()
    client.close()
    await new Promise((resolve) => server.close(resolve))

    expect(summary).toMatchObject({ failed: 0, dropped: 0 })
    const latency = decodeHistogram(summary.histogram)
    // A busy machine adds to latencies; a thirtieth of the run is far more than that and far less than the effect.
    const slack = RUN / 30
    for (const percent of [90, 95, 99, 99.9]) {
      const expected = STALL - RUN * (1 - percent / 100)
      expect(Math.abs(latency.at(percent) - expected), `p${percent}`).toBeLessThan(slack)
    }
  })
})
