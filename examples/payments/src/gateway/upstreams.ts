/** Who may serve a request. Releases share a service's traffic by weight, replicas share a release's in turn. */

/** Requests under way at one replica, at most. */
export const MAX_IN_FLIGHT_PER_UPSTREAM = 2_000
/** A replica that refused a connection gets nothing for so long, milliseconds. */
export const REFUSED_PAUSE_MS = 500
/** Replicas of one service, at most. */
export const MAX_REPLICAS = 200

export interface Replica {
  readonly id: string
  readonly release: string
  /** Base address, `http://127.0.0.1:41234`. */
  readonly url: string
}

export interface Weight {
  readonly release: string
  /** ≥ 0; relative to the sum over the service's releases. 0 sends nothing. */
  readonly weight: number
}

/** A replica and what the gateway knows of it. */
export interface Upstream extends Replica {
  inFlight: number
  /** Milliseconds since 1970. */
  pausedUntil: number
}

interface ReleaseShare {
  readonly release: string
  readonly weight: number
  /** Smooth weighted round robin's running credit. */
  credit: number
  turn: number
}

interface ServiceState {
  upstreams: readonly Upstream[]
  weights: readonly Weight[]
  shares: readonly ReleaseShare[]
}

export interface ServiceView {
  readonly service: string
  readonly replicas: readonly (Replica & { readonly inFlight: number; readonly paused: boolean })[]
  readonly weights: readonly Weight[]
}

export interface Upstreams {
  /** Replaces a service's replicas, its weights, or both. Without any weight all its releases share evenly. */
  set(service: string, change: { readonly replicas?: readonly Replica[]; readonly weights?: readonly Weight[] }): void
  /** The next replica to ask, without those in `except`; null when none can take a request. */
  pick(service: string, except?: ReadonlySet<Upstream>): Upstream | null
  /** The replica does not listen: leave it alone for a moment. */
  refused(upstream: Upstream): void
  list(): readonly ServiceView[]
}

/** Weights kept as credits: over any run of requests as long as the weights' sum each release gets its exact share. */
function sharesOf(state: Pick<ServiceState, 'upstreams' | 'weights'>): readonly ReleaseShare[] {
  const start = (weight: Weight): ReleaseShare => ({ ...weight, credit: 0, turn: 0 })
  if (state.weights.length > 0) return state.weights.map(start)
  const releases = new Set(state.upstreams.map((upstream) => upstream.release))
  return [...releases].map((release) => start({ release, weight: 1 }))
}

/** @param now milliseconds since 1970 */
export function createUpstreams(now: () => number): Upstreams {
  const services = new Map<string, ServiceState>()

  const usable = (state: ServiceState, share: ReleaseShare, except: ReadonlySet<Upstream> | undefined) =>
    state.upstreams.filter(
      (upstream) =>
        upstream.release === share.release &&
        upstream.inFlight < MAX_IN_FLIGHT_PER_UPSTREAM &&
        upstream.pausedUntil <= now() &&
        !except?.has(upstream),
    )

  const pick = (service: string, except?: ReadonlySet<Upstream>): Upstream | null => {
    const state = services.get(service)
    if (state === undefined) return null
    const able = state.shares
      .filter((share) => share.weight > 0)
      .map((share) => ({ share, candidates: usable(state, share, except) }))
      .filter(({ candidates }) => candidates.length > 0)
    // Smooth weighted round robin (nginx, ngx_http_upstream_round_robin.c): everybody earns, the richest pays for all.
    const [first, ...rest] = able
    if (first === undefined) return null
    for (const { share } of able) share.credit += share.weight
    const best = rest.reduce((rich, other) => (other.share.credit > rich.share.credit ? other : rich), first)
    best.share.credit -= able.reduce((sum, { share }) => sum + share.weight, 0)
    return best.candidates[best.share.turn++ % best.candidates.length] ?? null
  }

  return {
    set: (service, { replicas, weights }) => {
      const before = services.get(service)
      const known = new Map(before?.upstreams.map((upstream) => [`${upstream.id} ${upstream.url}`, upstream]))
      const upstreams =
        replicas?.map(
          (replica) => known.get(`${replica.id} ${replica.url}`) ?? { ...replica, inFlight: 0, pausedUntil: 0 },
        ) ??
        before?.upstreams ??
        []
      const state = { upstreams, weights: weights ?? before?.weights ?? [] }
      services.set(service, { ...state, shares: sharesOf(state) })
    },
    pick,
    refused: (upstream) => {
      upstream.pausedUntil = now() + REFUSED_PAUSE_MS
    },
    list: () =>
      [...services].map(([service, state]) => ({
        service,
        weights: state.weights,
        replicas: state.upstreams.map(({ id, release, url, inFlight, pausedUntil }) => ({
          id,
          release,
          url,
          inFlight,
          paused: pausedUntil > now(),
        })),
      })),
  }
}
