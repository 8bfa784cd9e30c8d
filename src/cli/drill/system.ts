/** The reference system of one act: gateway, order and notification services, and the replicas of the payment service. */
import { createGatewayRouter } from '../../adapters/gateway/router.ts'
import { createDeployments, type ProcessDeployments, type ReplicaExit } from '../../adapters/processes/deployments.ts'
import { type RunningProcess, startProcess } from '../../adapters/processes/start-process.ts'
import { type Clock, ms } from '../../base/time.ts'
import { percent, type ReleaseId, releaseId, type ServiceName, serviceName } from '../../base/units.ts'
import type { Deployments, Replica, TrafficRouter } from '../../core/release/ports.ts'
import { died, type Scope } from '../scope.ts'
import { type ExamplePaths, entry, launchReplica } from './example.ts'

/** Waiting longer than this for a connection is an error, as it was in 2024. */
const CHECKOUT_TIMEOUT_MS = 5000
/** Connections of the order service and of the notification service. */
const SIDE_POOL = 8
const SIDE_RELEASE = releaseId('1.0.0')
/** A replica that is asked to go finishes what it has, for this long. */
const GRACE = ms(6000)
/**
 * The same once the drill was stopped: no client waits for an answer any more, and what a request had begun in the
 * database is rolled back, or waits in the retry queue of an act that nobody will settle.
 */
const STOPPED_GRACE = ms(500)

export interface ReferenceSystem {
  readonly deployments: Deployments
  readonly router: TrafficRouter
  /** What clients call. */
  readonly gatewayUrl: string
  readonly gatewayMetricsUrl: string
  readonly orderUrl: string
  stop(): Promise<void>
}

export interface SystemOptions {
  readonly service: ServiceName
  readonly stable: ReleaseId
  readonly replicas: number
  readonly poolMaxPerReplica: number
  readonly databaseUrl: string
  readonly example: ExamplePaths
  readonly logFolder: string
  readonly clock: Clock
  readonly scope: Scope
}

/** Starts all of it on the stable release, with all traffic on it. */
export async function startSystem(options: SystemOptions): Promise<ReferenceSystem> {
  const { scope, service, stable } = options
  const services: RunningProcess[] = []
  let replicas: ProcessDeployments | null = null
  let stopping = false
  const end = async () => {
    stopping = true
    const grace = scope.signal.aborted ? STOPPED_GRACE : undefined
    const [gateway, ...others] = services
    // Replicas before the gateway: it is told of each one that goes.
    await Promise.all([replicas?.stopAll(grace), ...others.map((service_) => service_.stop(grace))])
    await gateway?.stop(grace)
  }
  const disown = scope.own('the services', end)
  // Ended in its turn too, which tells what went wrong; but what is under way there must not be waited for until then.
  scope.signal.addEventListener('abort', () => void end().catch(() => undefined), { once: true })
  const start = async (name: string, env: Readonly<Record<string, string>>) => {
    const process_ = await startSingle(name, { ...options, env })
    services.push(process_)
    void process_.exited.then((exit) => {
      if (!stopping) scope.abort(died(name, how(exit), process_.logPath))
    })
    return process_
  }
  const gateway = await start('gateway', { ADMIN_PORT: '0' })
  const adminUrl = adminUrlOf(gateway)
  const router = createGatewayRouter({ adminUrl, clock: options.clock })
  const deployments = startDeployments(options, router)
  replicas = deployments
  await start('notification-service', {})
  const order = await start('order-service', { GATEWAY_URL: gateway.url })
  const orderService = serviceName('order-service')
  await router.setReplicas(orderService, [asReplica(order, orderService)])
  await router.setWeights(orderService, [{ release: SIDE_RELEASE, weight: percent(100) }])
  const { replicas: wanted, poolMaxPerReplica } = options
  await deployments.ensure({ service, release: stable, replicas: wanted, poolMaxPerReplica }, scope.signal)
  await router.setWeights(service, [{ release: stable, weight: percent(100) }])
  return {
    deployments,
    router,
    gatewayUrl: gateway.url,
    gatewayMetricsUrl: `${adminUrl}/metrics`,
    orderUrl: order.url,
    stop: disown,
  }
}

/** The payment service's replicas; the gateway is told of every change before a replica goes. */
function startDeployments(options: SystemOptions, router: TrafficRouter) {
  const { clock, scope, logFolder, databaseUrl } = options
  return createDeployments({
    launch: launchReplica(options.example, { databaseUrl, checkoutTimeoutMs: CHECKOUT_TIMEOUT_MS }),
    clock,
    logFolder,
    onExit: (exit: ReplicaExit) => scope.abort(died(exit.replica.id, how(exit), `${logFolder}/${exit.replica.id}.log`)),
    onChange: (service, replicas) => router.setReplicas(service, replicas),
    stopWithin: GRACE,
  })
}

/** The gateway says on its ready line where it is steered. */
function adminUrlOf(gateway: RunningProcess): string {
  const { adminUrl } = gateway
  if (adminUrl === null) throw new Error('the gateway did not say its adminUrl')
  return adminUrl
}

const how = (exit: { readonly code: number | null; readonly signal: string | null }) =>
  exit.signal ?? `exit code ${exit.code}`

function startSingle(
  name: string,
  options: SystemOptions & { readonly env: Readonly<Record<string, string>> },
): Promise<RunningProcess> {
  return startProcess({
    name,
    command: process.execPath,
    args: [entry(options.example, name)],
    env: {
      SERVICE: name,
      RELEASE: SIDE_RELEASE,
      REPLICA: '1',
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: options.databaseUrl,
      POOL_MAX: String(SIDE_POOL),
      CHECKOUT_TIMEOUT_MS: String(CHECKOUT_TIMEOUT_MS),
      ...options.env,
    },
    logFolder: options.logFolder,
    clock: options.clock,
    signal: options.scope.signal,
    stopWithin: GRACE,
  })
}

const asReplica = (process_: RunningProcess, service: ServiceName): Replica => ({
  id: `${service}@${SIDE_RELEASE}-1`,
  service,
  release: SIDE_RELEASE,
  url: process_.url,
  pid: process_.pid,
})
