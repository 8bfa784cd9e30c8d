import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createGatewayRouter } from '../../src/adapters/gateway/router.ts'
import { type RunningProcess, startProcess } from '../../src/adapters/processes/start-process.ts'
import { ms } from '../../src/base/time.ts'
import { percent, releaseId, serviceName } from '../../src/base/units.ts'
import type { Replica } from '../../src/core/release/ports.ts'
import { handClock, realClock } from './fixtures/clock.ts'
import { serve, type TestServer } from './fixtures/http.ts'

const GATEWAY = new URL('../../examples/payments/src/gateway/main.ts', import.meta.url).pathname
const service = serviceName('payment-service')
const [good, bad] = [releaseId('2.3.0'), releaseId('2.3.1')]

const replica = (release: typeof good, url: string): Replica => ({
  id: `${service}@${release}-1`,
  service,
  release,
  url,
  pid: 1,
})
const weights = (toGood: number) => [
  { release: good, weight: percent(toGood) },
  { release: bad, weight: percent(100 - toGood) },
]

describe('the router, with the gateway of the reference system', () => {
  let folder: string
  let gateway: RunningProcess
  let upstreams: TestServer[]

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'premortem-gateway-'))
    gateway = await startProcess({
      name: 'gateway',
      command: process.execPath,
      args: [GATEWAY],
      env: { SERVICE: 'gateway', RELEASE: '1.0.0' },
      logFolder: folder,
      clock: realClock,
      signal: new AbortController().signal,
    })
    upstreams = await Promise.all(
      [good, bad].map((release) =>
        serve((request, response) => {
          request.resume()
          response.setHeader('x-served-by', `${service}@${release}`)
          response.setHeader('content-type', 'application/json')
          response.end('[]')
        }),
      ),
    )
  })
  afterAll(async () => {
    await gateway.stop()
    await Promise.all(upstreams.map((upstream) => upstream.close()))
    rmSync(folder, { recursive: true, force: true })
  })

  const servedBy = async (requests: number) => {
    const counts: Record<string, number> = {}
    for (let sent = 0; sent < requests; sent += 1) {
      const response = await fetch(`${gateway.url}/payments/pending`)
      await response.text()
      const by = response.headers.get('x-served-by') ?? 'nobody'
      counts[by] = (counts[by] ?? 0) + 1
    }
    return counts
  }

  it('sends each release exactly its share, and no longer anything to a release without weight', async () => {
    const router = createGatewayRouter({ adminUrl: gateway.adminUrl ?? '', clock: realClock })
    const [one, two] = upstreams
    await router.setReplicas(service, [replica(good, one?.url ?? ''), replica(bad, two?.url ?? '')])
    await router.setWeights(service, weights(90))
    expect(await servedBy(20)).toEqual({ 'payment-service@2.3.0': 18, 'payment-service@2.3.1': 2 })
    await router.setWeights(service, weights(100))
    expect(await servedBy(20)).toEqual({ 'payment-service@2.3.0': 20 })
  })

  it('reports a service that the gateway does not know, without trying again', async () => {
    const clock = handClock()
    const router = createGatewayRouter({ adminUrl: gateway.adminUrl ?? '', clock })
    await expect(router.setWeights(serviceName('no-such-service'), weights(50))).rejects.toMatchObject({
      code: 'gateway-refused',
      retriable: false,
    })
    expect(clock.monotonic()).toBe(0)
  })
})

describe('the router, with a gateway in trouble', () => {
  let server: TestServer | undefined
  afterEach(async () => {
    await server?.close()
    server = undefined
  })

  it('tries again after answers 5xx until the change is taken', async () => {
    let calls = 0
    server = await serve((_request, response) => {
      calls += 1
      response.statusCode = calls < 3 ? 503 : 200
      response.end(JSON.stringify({ service, replicas: [], weights: [...weights(10)].reverse() }))
    })
    await createGatewayRouter({ adminUrl: server.url, clock: handClock() }).setWeights(service, weights(10))
    expect(calls).toBe(3)
  })

  it('gives up after a bounded number of attempts, naming the reason', async () => {
    let calls = 0
    server = await serve((request) => {
      calls += 1
      request.socket.destroy()
    })
    const router = createGatewayRouter({ adminUrl: server.url, clock: handClock() })
    await expect(router.setReplicas(service, [])).rejects.toMatchObject({
      code: 'gateway-unreachable',
      retriable: true,
    })
    expect(calls).toBe(5)
  })

  it('does not wait for ever for an answer', async () => {
    server = await serve(() => undefined)
    const router = createGatewayRouter({ adminUrl: server.url, clock: handClock(), timeout: ms(50) })
    await expect(router.setReplicas(service, [])).rejects.toMatchObject({ code: 'gateway-unreachable' })
  })

  it('notices a gateway that says yes and does something else', async () => {
    server = await serve((_request, response) => {
      response.end(JSON.stringify({ service, replicas: [], weights: weights(50) }))
    })
    const router = createGatewayRouter({ adminUrl: server.url, clock: handClock() })
    await expect(router.setWeights(service, weights(100))).rejects.toMatchObject({ code: 'gateway-refused' })
  })
})
