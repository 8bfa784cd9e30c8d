import { Problem } from '../../base/problem.ts'
import { type Clock, type DurationMs, ms } from '../../base/time.ts'
import type { ServiceName } from '../../base/units.ts'
import type { Weight } from '../../core/events.ts'
import type { Replica, TrafficRouter } from '../../core/release/ports.ts'

/** Where the gateway is steered, and how patiently. */
export interface GatewayRouterOptions {
  /** Base address of the gateway's controls, `http://127.0.0.1:41235`. */
  readonly adminUrl: string
  readonly clock: Clock
  /** Of one request. Default 2 s. */
  readonly timeout?: DurationMs
}

/** Requests for one change, the first included. */
export const MAX_ATTEMPTS = 5
const DEFAULT_TIMEOUT = ms(2000)
/** Before the second attempt; doubled before each further one. */
const FIRST_PAUSE = ms(100)
/** Of an answer that is told in a message. */
const MAX_TOLD_CHARS = 300

interface Change {
  readonly replicas?: readonly Pick<Replica, 'id' | 'release' | 'url'>[]
  readonly weights?: readonly Weight[]
}

type Outcome = { readonly done: true } | { readonly done: false; readonly again: boolean; readonly reason: string }

/** What the gateway says it does now must be what was asked, in whatever order. */
function isIn(answer: unknown, change: Change): boolean {
  if (typeof answer !== 'object' || answer === null) return false
  const listed = (name: 'replicas' | 'weights', keys: readonly string[]): string[] | null => {
    const list: unknown = name in answer ? answer[name as keyof typeof answer] : null
    if (!Array.isArray(list)) return null
    return list.map((entry: Record<string, unknown>) => JSON.stringify(keys.map((key) => entry?.[key]))).sort()
  }
  const same = (name: 'replicas' | 'weights', keys: readonly string[]) => {
    const wanted = change[name]?.map((entry) => JSON.stringify(keys.map((key) => Reflect.get(entry, key)))).sort()
    return wanted === undefined || JSON.stringify(listed(name, keys)) === JSON.stringify(wanted)
  }
  return same('replicas', ['id', 'release', 'url']) && same('weights', ['release', 'weight'])
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message
}

async function put(url: string, change: Change, timeout: DurationMs): Promise<Outcome> {
  try {
    const response = await fetch(url, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(change),
      signal: AbortSignal.timeout(timeout),
    })
    const text = await response.text()
    const told = `it answered ${response.status}: ${text.slice(0, MAX_TOLD_CHARS)}`
    if (response.status !== 200) return { done: false, again: response.status >= 500, reason: told }
    if (isIn(JSON.parse(text), change)) return { done: true }
    return { done: false, again: false, reason: `${told}, which is not what was asked` }
  } catch (error) {
    return { done: false, again: true, reason: reasonOf(error) }
  }
}

/**
 * Tells a gateway which replicas a service has and what share each release gets: `PUT <adminUrl>/services/<service>`
 * with `{"replicas":[{id,release,url}]}` or `{"weights":[{release,weight}]}`. The gateway answers with both, as they
 * are now. A change asks for a state, so it is repeated without harm.
 */
export function createGatewayRouter(options: GatewayRouterOptions): TrafficRouter {
  const { adminUrl, clock, timeout = DEFAULT_TIMEOUT } = options

  const change = async (service: ServiceName, wanted: Change): Promise<void> => {
    let reason = ''
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const outcome = await put(`${adminUrl}/services/${encodeURIComponent(service)}`, wanted, timeout)
      if (outcome.done) return
      reason = outcome.reason
      if (!outcome.again) throw refused({ service, reason, where: adminUrl })
      if (attempt < MAX_ATTEMPTS) await clock.sleep(ms(FIRST_PAUSE * 2 ** (attempt - 1)))
    }
    throw new Problem({
      code: 'gateway-unreachable',
      what: `The gateway did not take the change of ${service} in ${MAX_ATTEMPTS} attempts: ${reason}.`,
      where: adminUrl,
      remedy: 'Look at the log of the gateway, start it if it does not run, and try again.',
      retriable: true,
    })
  }

  return {
    setReplicas: (service, replicas) =>
      change(service, { replicas: replicas.map(({ id, release, url }) => ({ id, release, url })) }),
    setWeights: (service, weights) =>
      change(service, { weights: weights.map(({ release, weight }) => ({ release, weight })) }),
  }
}

function refused(of: { service: ServiceName; reason: string; where: string }): Problem {
  return new Problem({
    code: 'gateway-refused',
    what: `The gateway refused the change of ${of.service}: ${of.reason}.`,
    where: of.where,
    remedy: 'Check that the gateway knows this service and that its version fits; its answer says what it minds.',
  })
}
