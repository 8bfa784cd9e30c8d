/** Reads a request for a release: what is wrong with it, and the rollout that it means. */
import type { Facts, LedgerEvent } from '../events.ts'
import type { ReleasePolicy } from './policy.ts'
import { MAX_STEPS, type Rollout } from './state.ts'

/** A request for a release, as it stands on the ledger. */
export type RequestEvent = LedgerEvent & { readonly type: 'release.requested' }

const stepsOf = (request: Facts['release.requested'], policy: ReleasePolicy): readonly number[] =>
  request.steps.length === 0 ? policy.steps : request.steps

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1

/** R8: why a request cannot be carried out; null when it can. */
export function refusal(request: Facts['release.requested'], policy: ReleasePolicy): string | null {
  const steps = stepsOf(request, policy)
  const rising = steps.every((step, index) => step > (steps[index - 1] ?? 0) && step <= 100)
  if (!rising || steps[steps.length - 1] !== 100) {
    return `the steps must rise from above 0 to 100 percent, not ${steps.join(', ')}`
  }
  if (steps.length > MAX_STEPS) return `${steps.length} steps are more than ${MAX_STEPS}`
  if (!isCount(request.replicas)) return `the number of replicas must be 1 or more, not ${request.replicas}`
  if (!isCount(request.poolMaxPerReplica)) {
    return `the pool of a replica must be 1 connection or more, not ${request.poolMaxPerReplica}`
  }
  if (request.release === request.previous) return `it names itself as the release before it`
  return null
}

/**
 * The rollout of a request. When it takes the place of another that is dropped, and names that one as its predecessor,
 * its way back is that one's: a dropped release carries no traffic and is nowhere to return to.
 */
export function rolloutOf(event: RequestEvent, policy: ReleasePolicy, dropped: Rollout | null): Rollout {
  const { release, previous, automaticRollback, replicas, poolMaxPerReplica } = event.data
  return {
    number: event.sequence,
    requestedAt: event.at,
    release,
    previous: dropped !== null && previous === dropped.release ? dropped.previous : previous,
    steps: stepsOf(event.data, policy),
    automaticRollback,
    replicas,
    poolMaxPerReplica,
  }
}
