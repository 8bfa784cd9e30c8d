import { type Clock, type DurationMs, ms } from '../../base/time.ts'
import type { ReleaseId, ServiceName } from '../../base/units.ts'
import type { Replica } from '../../core/release/ports.ts'
import type { ServiceSample } from '../../core/watch/samples.ts'
import { Counters } from './counters.ts'
import type { MetricSample } from './exposition.ts'
import { DEFAULT_SCRAPE_DEADLINE, scrape } from './scrape.ts'
import { DATABASE_TIME, GATEWAY_COUNTERS, Tallies } from './tally.ts'

/** What one look at a service saw. */
export interface ServiceLook {
  /**
   * One for each release that has replicas or counted something; requests that no release answered are of `none`.
   * Empty at the first look, which sets the zero. While the gateway is silent the samples have gauges, but no request.
   */
  readonly samples: readonly ServiceSample[]
  /** What could not be scraped, and why. */
  readonly missing: readonly string[]
}

/** Looks at one service, once a tick. */
export interface ServiceSource {
  /** Looks once. Never rejects: what did not answer is in `missing`. One call at a time. */
  sample(signal: AbortSignal): Promise<ServiceLook>
}

/** Which service, and where its pages of metrics are. */
export interface ServiceSourceOptions {
  /** The gateway's page of metrics: requests, errors and latency as users see them. */
  readonly gatewayMetricsUrl: string
  readonly service: ServiceName
  /** Those alive now: their `<url>/metrics` gives database time and pool. */
  readonly replicas: () => readonly Replica[]
  readonly clock: Clock
  /** Of each page. Default 2 s. */
  readonly deadline?: DurationMs
}

/** Replicas that are scraped in one look; further ones are named in `missing`. */
export const MAX_REPLICAS_SCRAPED = 256

interface Page {
  /** Null when there was no page. */
  readonly samples: readonly MetricSample[] | null
  readonly failed: string
}

class GatewayAndReplicas implements ServiceSource {
  private readonly options: ServiceSourceOptions
  private readonly gateway = new Counters((name) => GATEWAY_COUNTERS.has(name))
  private readonly perReplica = new Counters((name) => name === DATABASE_TIME)
  /** Database time of looks at which the gateway was silent: it goes with the requests that it belongs to. */
  private carried = new Map<ReleaseId, number>()
  private lastLook: number | null = null
  private lastGateway: number | null = null

  constructor(options: ServiceSourceOptions) {
    this.options = options
  }

  async sample(signal: AbortSignal): Promise<ServiceLook> {
    const { service, clock } = this.options
    const known = this.options.replicas().filter((replica) => replica.service === service)
    const replicas = known.slice(0, MAX_REPLICAS_SCRAPED)
    const [requests, pages] = await Promise.all([
      this.page(this.options.gatewayMetricsUrl, signal),
      Promise.all(
        replicas.map(async (replica) => ({ replica, ...(await this.page(`${replica.url}/metrics`, signal)) })),
      ),
    ])
    const tallies = new Tallies()
    const missing: string[] = []
    this.perReplica.keepOnly(new Set(replicas.map((replica) => replica.id)))
    for (const { replica, samples, failed } of pages) {
      if (samples === null) missing.push(`metrics of ${replica.id}: ${failed}`)
      else tallies.addReplica(replica.release, samples, this.perReplica.increases(replica.id, samples))
    }
    if (known.length > replicas.length) missing.push(`metrics of ${known.length - replicas.length} further replicas`)
    tallies.addDatabaseTime(this.carried)
    this.carried = requests.samples === null ? tallies.takeDatabaseTime() : new Map()
    if (requests.samples === null) missing.push(`metrics of the gateway: ${requests.failed}`)
    else tallies.addRequests(service, this.gateway.increases('gateway', requests.samples))
    const interval = this.interval(requests.samples !== null)
    return { samples: interval === null ? [] : tallies.samples({ service, at: clock.now(), interval }), missing }
  }

  private async page(url: string, signal: AbortSignal): Promise<Page> {
    try {
      const { samples } = await scrape(url, { signal, deadline: this.options.deadline ?? DEFAULT_SCRAPE_DEADLINE })
      return { samples, failed: '' }
    } catch (error) {
      return { samples: null, failed: error instanceof Error ? error.message : String(error) }
    }
  }

  /** Requests are counted since the gateway last answered, gauges since the last look. Null at the first look. */
  private interval(gatewayAnswered: boolean): DurationMs | null {
    const now = this.options.clock.monotonic()
    const since = gatewayAnswered ? (this.lastGateway ?? this.lastLook) : this.lastLook
    this.lastLook = now
    if (gatewayAnswered) this.lastGateway = now
    return since === null ? null : ms(Math.max(1, now - since))
  }
}

/** Measures one service: the gateway counts what users see, the replicas what it costs the database. */
export const createServiceSource = (options: ServiceSourceOptions): ServiceSource => new GatewayAndReplicas(options)
