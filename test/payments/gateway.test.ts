import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { call, metricsOf, route, type Service, startGateway, stopAll } from './harness.ts'

interface Upstream {
  readonly url: string
  readonly server: Server
  seen: number
}

/** A replica that counts what it sees and answers, or breaks the connection without an answer. */
async function upstream(behaviour: 'answers' | 'breaks' = 'answers'): Promise<Upstream> {
  const replica = { seen: 0 }
  const server = createServer((request, response) => {
    replica.seen++
    if (behaviour === 'breaks') return request.socket.destroy()
    response.writeHead(200, { 'content-type': 'application/json', 'x-served-by': 'payment-service@test' })
    return response.end('{"count":0,"payments":[]}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(replica, { server, url: `http://127.0.0.1:${port}` })
}

describe('the gateway', () => {
  let gateway: Service
  const servers: Server[] = []
  const replica = async (behaviour?: 'answers' | 'breaks') => {
    const made = await upstream(behaviour)
    servers.push(made.server)
    return made
  }
  beforeAll(async () => {
    gateway = await startGateway()
  })
  beforeEach(() => route(gateway, 'payment-service', { replicas: [], weights: [] }))
  afterAll(async () => {
    await gateway.stop()
    await stopAll()
    for (const server of servers) server.close().closeAllConnections()
  })

  it('gives each release exactly its weight of 100 requests, and its replicas equal parts of that', async () => {
    const old = [await replica(), await replica(), await replica()]
    const canary = await replica()
    const replicas = [
      ...old.map(({ url }, index) => ({ id: `old-${index}`, release: '2.3.0', url })),
      { id: 'canary', release: '2.3.1', url: canary.url },
    ]
    const weights = [
      { release: '2.3.0', weight: 90 },
      { release: '2.3.1', weight: 10 },
    ]
    const change = await route(gateway, 'payment-service', { replicas, weights })
    expect(change.body.weights).toEqual(weights)
    await Promise.all(Array.from({ length: 100 }, () => call(`${gateway.url}/payments/pending`)))
    expect(canary.seen).toBe(10)
    expect(old.map((one) => one.seen)).toEqual([30, 30, 30])
  })

  it('keeps the replicas when only weights are set, and the weights when only replicas are', async () => {
    const { url } = await replica()
    const replicas = [{ id: 'a', release: '2.3.0', url }]
    await route(gateway, 'payment-service', { replicas })
    const { body } = await route(gateway, 'payment-service', { weights: [{ release: '2.3.0', weight: 5 }] })
    expect(body).toMatchObject({ replicas, weights: [{ release: '2.3.0', weight: 5 }] })
  })

  it('answers 503 with Retry-After when a service has no replica', async () => {
    const answer = await call(`${gateway.url}/payments/pending`)
    expect(answer).toMatchObject({ status: 503, retryAfter: '1', servedBy: 'gateway@1.0.0' })
    expect(answer.body.error).toBe('No upstream of payment-service can take requests')
    expect(await metricsOf(gateway.adminUrl)).toContain(
      'service_name="payment-service",service_version="none",http_request_method="GET",http_route="/payments/pending",http_response_status_code="503"',
    )
  })

  it('asks another replica when one does not listen', async () => {
    const gone = await replica()
    gone.server.close()
    const alive = await replica()
    await route(gateway, 'payment-service', {
      replicas: [
        { id: 'gone', release: '2.3.0', url: gone.url },
        { id: 'alive', release: '2.3.0', url: alive.url },
      ],
    })
    const answers = await Promise.all(Array.from({ length: 10 }, () => call(`${gateway.url}/payments/pending`)))
    expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill(200))
    expect(alive.seen).toBe(10)
  })

  it('never sends a request again that a replica may have seen', async () => {
    const breaking = await replica('breaks')
    const other = await replica()
    await route(gateway, 'payment-service', {
      replicas: [
        { id: 'breaking', release: '2.3.0', url: breaking.url },
        { id: 'other', release: '2.3.0', url: other.url },
      ],
    })
    const send = () => call(`${gateway.url}/payments`, { method: 'POST', body: {} })
    const answers = [await send(), await send()]
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 502])
    expect(breaking.seen + other.seen).toBe(2)
  })

  it('answers 413 to a body beyond 64 KiB and 404 to a path that no service has', async () => {
    await route(gateway, 'payment-service', { replicas: [{ id: 'a', release: '2.3.0', url: (await replica()).url }] })
    const large = await call(`${gateway.url}/payments`, { method: 'POST', body: { text: 'x'.repeat(70_000) } })
    expect(large.status).toBe(413)
    expect((await call(`${gateway.url}/nowhere`)).status).toBe(404)
  })

  it('refuses a change that it cannot carry out, and says why', async () => {
    const badUrl = await route(gateway, 'payment-service', { replicas: [{ id: 'a', release: '1', url: 'ftp://x' }] })
    expect(badUrl).toMatchObject({ status: 400, body: { error: expect.stringContaining('body/replicas/0/url') } })
    expect((await route(gateway, 'mail-service', { replicas: [] })).status).toBe(400)
  })
})
