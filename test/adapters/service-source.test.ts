import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MAX_SCRAPE_BYTES, scrape } from '../../src/adapters/prometheus/scrape.ts'
import { createServiceSource } from '../../src/adapters/prometheus/service-source.ts'
import { ms } from '../../src/base/time.ts'
import { releaseId, serviceName } from '../../src/base/units.ts'
import type { Replica } from '../../src/core/release/ports.ts'
import { LATENCY_BOUNDS_MS, type ServiceSample } from '../../src/core/watch/samples.ts'
import { handClock } from './fixtures/clock.ts'
import { portOf, serve, type TestServer } from './fixtures/http.ts'

const never = new AbortController().signal
const service = serviceName('payment-service')

interface Counted {
  readonly version: string
  readonly status: number
  readonly count: number
  /** Seconds; all requests have this latency. */
  readonly latency: number
  readonly service?: string
}

/** The gateway's page as prom-client writes it. */
function gatewayPage(counted: readonly Counted[]): string {
  const bounds = [...LATENCY_BOUNDS_MS.map((bound) => bound / 1000), Number.POSITIVE_INFINITY]
  return counted
    .flatMap((one) => {
      const labels = `service_name="${one.service ?? service}",service_version="${one.version}",http_response_status_code="${one.status}"`
      const buckets = bounds.map((bound) => {
        const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound)
        const value = one.latency <= bound ? one.count : 0
        return `http_server_request_duration_seconds_bucket{le="${le}",${labels}} ${value}`
      })
      return [...buckets, `http_server_request_duration_seconds_count{${labels}} ${one.count}`]
    })
    .join('\n')
}

const replicaPage = (of: { databaseSeconds: number; used: number; pending: number }): string =>
  [
    `db_client_operation_duration_seconds_sum{db_operation_name="list"} ${of.databaseSeconds / 2}`,
    `db_client_operation_duration_seconds_sum{db_operation_name="settle"} ${of.databaseSeconds / 2}`,
    `db_client_connection_count{db_client_connection_state="used"} ${of.used}`,
    'db_client_connection_count{db_client_connection_state="idle"} 9',
    'db_client_connection_max 33',
    `db_client_connection_pending_requests ${of.pending}`,
  ].join('\n')

describe('the source of service samples', () => {
  let pages: Map<string, string>
  let server: TestServer
  let replicas: Replica[]
  const clock = handClock()

  beforeEach(async () => {
    pages = new Map()
    replicas = []
    server = await serve((request, response) => {
      const page = pages.get(request.url ?? '')
      response.writeHead(page === undefined ? 500 : 200).end(page ?? 'no such page')
    })
  })
  afterEach(() => server.close())

  const replica = (release: string, number: number): Replica => ({
    id: `${service}@${release}-${number}`,
    service,
    release: releaseId(release),
    url: `${server.url}/${release}-${number}`,
    pid: 0,
  })
  const source = () =>
    createServiceSource({ gatewayMetricsUrl: `${server.url}/metrics`, service, replicas: () => replicas, clock })
  const look = (of: ReturnType<typeof source>) => {
    clock.advance(1000)
    return of.sample(never)
  }
  const byRelease = (samples: readonly ServiceSample[]) =>
    Object.fromEntries(samples.map((sample) => [sample.release, sample]))

  it('gives the difference between two looks, release by release, as users saw it', async () => {
    replicas = [replica('2.3.0', 1), replica('2.3.0', 2), replica('2.3.1', 1)]
    pages.set('/metrics', gatewayPage([{ version: '2.3.0', status: 200, count: 1000, latency: 0.005 }]))
    pages.set('/2.3.0-1/metrics', replicaPage({ databaseSeconds: 10, used: 3, pending: 0 }))
    pages.set('/2.3.0-2/metrics', replicaPage({ databaseSeconds: 20, used: 4, pending: 0 }))
    pages.set('/2.3.1-1/metrics', replicaPage({ databaseSeconds: 0, used: 33, pending: 70 }))
    const watched = source()
    expect(await look(watched)).toEqual({ samples: [], missing: [] })

    pages.set(
      '/metrics',
      gatewayPage([
        { version: '2.3.0', status: 200, count: 1090, latency: 0.005 },
        { version: '2.3.1', status: 200, count: 5, latency: 4 },
        { version: '2.3.1', status: 504, count: 3, latency: 31 },
        { version: '2.3.1', status: 499, count: 1, latency: 31 },
        { version: '2.3.1', status: 422, count: 1, latency: 4 },
        { version: 'none', status: 503, count: 2, latency: 0.001 },
        { version: '2.3.1', status: 500, count: 77, latency: 1, service: 'order-service' },
      ]),
    )
    pages.set('/2.3.0-1/metrics', replicaPage({ databaseSeconds: 10.5, used: 3, pending: 0 }))
    pages.set('/2.3.1-1/metrics', replicaPage({ databaseSeconds: 7, used: 33, pending: 80 }))
    const { samples, missing } = await look(watched)
    expect(missing).toEqual([])
    const found = byRelease(samples)
    expect(Object.keys(found).sort()).toEqual(['2.3.0', '2.3.1', 'none'])
    expect(found['2.3.0']).toMatchObject({ requests: 90, errors: 0, databaseMs: 500, replicas: 2, interval: 1000 })
    expect(found['2.3.0']?.pool).toEqual({ used: 7, max: 66, pending: 0 })
    expect(found['2.3.1']).toMatchObject({ requests: 10, errors: 4, databaseMs: 7000, replicas: 1 })
    expect(found['2.3.1']?.pool).toEqual({ used: 33, max: 33, pending: 80 })
    expect(found['2.3.1']?.latency[LATENCY_BOUNDS_MS.indexOf(5000)]).toBe(6)
    expect(found['2.3.1']?.latency.at(-1)).toBe(4)
    expect(found.none).toMatchObject({ requests: 2, errors: 2, replicas: 0, databaseMs: 0 })
  })

  it('takes a gateway that was restarted for one that counts from 0', async () => {
    pages.set('/metrics', gatewayPage([{ version: '2.3.0', status: 200, count: 500, latency: 0.01 }]))
    const watched = source()
    await look(watched)
    pages.set('/metrics', gatewayPage([{ version: '2.3.0', status: 200, count: 20, latency: 0.01 }]))
    const { samples } = await look(watched)
    expect(byRelease(samples)['2.3.0']?.requests).toBe(20)
    expect(byRelease(samples)['2.3.0']?.latency[LATENCY_BOUNDS_MS.indexOf(10)]).toBe(20)
  })

  it('does not count what a replica did before it was watched, and names a replica that does not answer', async () => {
    pages.set('/metrics', '')
    replicas = [replica('2.3.0', 1)]
    pages.set('/2.3.0-1/metrics', replicaPage({ databaseSeconds: 1, used: 1, pending: 0 }))
    const watched = source()
    await look(watched)
    replicas = [replica('2.3.0', 1), replica('2.3.0', 2), replica('2.3.0', 3)]
    pages.set('/2.3.0-2/metrics', replicaPage({ databaseSeconds: 900, used: 5, pending: 0 }))
    const second = await look(watched)
    expect(second.samples).toMatchObject([{ databaseMs: 0, replicas: 2, pool: { used: 6, max: 66, pending: 0 } }])
    expect(second.missing).toEqual([
      `metrics of payment-service@2.3.0-3: ${server.url}/2.3.0-3/metrics: it answered 500`,
    ])
    replicas = [replica('2.3.0', 2)]
    pages.set('/2.3.0-2/metrics', replicaPage({ databaseSeconds: 902, used: 5, pending: 0 }))
    expect((await look(watched)).samples).toMatchObject([{ databaseMs: 2000, replicas: 1 }])
  })

  it('keeps pool gauges while the gateway is silent and loses neither requests nor database time of that time', async () => {
    replicas = [replica('2.3.0', 1)]
    pages.set('/metrics', gatewayPage([{ version: '2.3.0', status: 200, count: 100, latency: 0.01 }]))
    pages.set('/2.3.0-1/metrics', replicaPage({ databaseSeconds: 1, used: 1, pending: 0 }))
    const watched = source()
    await look(watched)
    pages.delete('/metrics')
    pages.set('/2.3.0-1/metrics', replicaPage({ databaseSeconds: 3, used: 30, pending: 5 }))
    const silent = await look(watched)
    expect(silent.samples).toMatchObject([{ requests: 0, databaseMs: 0, pool: { used: 30, max: 33, pending: 5 } }])
    expect(silent.missing).toHaveLength(1)
    pages.set('/metrics', gatewayPage([{ version: '2.3.0', status: 200, count: 160, latency: 0.01 }]))
    pages.set('/2.3.0-1/metrics', replicaPage({ databaseSeconds: 4, used: 2, pending: 0 }))
    const back = await look(watched)
    expect(back.samples).toMatchObject([{ requests: 60, databaseMs: 3000, interval: 2000 }])
    expect(back.missing).toEqual([])
  })

  it('says that everything is missing when nothing listens, and does not throw', async () => {
    const gone = await serve(() => undefined)
    const url = `http://127.0.0.1:${portOf(gone)}/metrics`
    await gone.close()
    const { samples, missing } = await createServiceSource({
      gatewayMetricsUrl: url,
      service,
      replicas: () => [],
      clock,
    }).sample(never)
    expect(samples).toEqual([])
    expect(missing[0]).toMatch(/^metrics of the gateway: .*ECONNREFUSED/)
  })
})

describe('a scrape', () => {
  it('ends at its deadline when the server never answers', async () => {
    const silent = await serve(() => undefined)
    try {
      await expect(scrape(silent.url, { signal: never, deadline: ms(100) })).rejects.toThrow('no answer in time')
    } finally {
      await silent.close()
    }
  })

  it('ends at its deadline when the page never ends, and refuses a page without measure', async () => {
    const endless = await serve((request, response) => {
      response.writeHead(200)
      response.write(request.url === '/slow' ? 'x 1\n' : 'x'.repeat(MAX_SCRAPE_BYTES + 1))
    })
    try {
      const slow = scrape(`${endless.url}/slow`, { signal: never, deadline: ms(150) })
      await expect(slow).rejects.toThrow('no answer in time')
      const huge = scrape(`${endless.url}/huge`, { signal: never, deadline: ms(20_000) })
      await expect(huge).rejects.toThrow('larger than')
    } finally {
      await endless.close()
    }
  })
})
