/** What people ask of the release decider: a release, or its end. */
import { assertNever } from '../../base/assert-never.ts'
import { stay } from '../decider.ts'
import { fact, type LedgerEvent } from '../events.ts'
import { abandon, abandonPromoted, isUnderWay, noted } from './abandon.ts'
import { begin, RELEASE_SOURCE, type Transition } from './forward.ts'
import type { ReleasePolicy } from './policy.ts'
import { type RequestEvent, refusal, rolloutOf } from './request.ts'
import { rollBack } from './rollback.ts'
import type { ReleaseState, RollingBack, UnderWay } from './state.ts'

/** Somebody asks for a release. */
export function requested(state: ReleaseState, event: RequestEvent, policy: ReleasePolicy): Transition {
  const { release } = event.data
  const refused = refusal(event.data, policy)
  if (refused !== null) {
    const facts = [fact({ at: event.at, source: RELEASE_SOURCE }, 'release.failed', { release, reason: refused })]
    return { state, commands: [], facts, why: [`${release} is refused: ${refused}`] }
  }
  if (isUnderWay(state) && state.rollout.release === release) return noted(state, `${release} is already under way`)
  if ((isUnderWay(state) || state.phase === 'rolling-back') && state.rollout.previous === release) {
    return returnTo(state, event)
  }
  const rollout = rolloutOf(event, policy, isUnderWay(state) || state.phase === 'rolling-back' ? state.rollout : null)
  if (isUnderWay(state)) {
    const stage = `${state.rollout.release} was under way (${state.phase}, step ${state.step + 1})`
    return abandon(state, {
      at: event.at,
      why: [`${release} was requested while ${stage}: the newer one takes its place`],
      next: rollout,
    })
  }
  if (state.phase === 'rolling-back' || (state.phase === 'promoted' && state.waiting !== null)) {
    return {
      ...stay({ ...state, next: rollout }),
      why: [`${release} begins when the work on ${state.rollout.release} ends`],
    }
  }
  return begin(rollout)
}

/** Who asks for the release before, while the newer one is under way, wants to go back: that is no rollout. */
function returnTo(state: UnderWay | RollingBack, event: RequestEvent): Transition {
  const { release } = event.data
  if (state.phase !== 'rolling-back')
    return abandon(state, { at: event.at, why: [`${release}, the release before, was requested`] })
  return { ...stay({ ...state, next: null }), why: [`traffic is on its way back to ${release} already`] }
}

/** Somebody wants a release undone. */
export function abortRequested(
  state: ReleaseState,
  event: LedgerEvent & { type: 'release.abort-requested' },
): Transition {
  const { release, reason } = event.data
  if (state.phase === 'idle') return noted(state, `${release} is not under way: there is nothing to abort`)
  if ('next' in state && state.next?.release === release && state.rollout.release !== release) {
    return { ...stay({ ...state, next: null }), why: [`${release} was waiting and will not begin: ${reason}`] }
  }
  if (state.rollout.release !== release) return noted(state, `${release} is not the release at hand: nothing to abort`)
  const why = `abort was requested: ${reason}`
  switch (state.phase) {
    case 'migrating':
    case 'starting':
    case 'shifting':
    case 'holding':
      return abandon(state, { at: event.at, why: [why] })
    case 'promoted':
      if (state.waiting === null) return abandonPromoted(state, event.at, why)
      return {
        ...stay({ ...state, abort: why }),
        why: [`${why}; waits until the replicas of ${state.rollout.previous} have ended`],
      }
    case 'failed':
      if (!state.stranded) return noted(state, `${release} has failed before it got traffic: nothing to abort`)
      return rollBack(state.rollout, {
        at: event.at,
        why: [`${why}, again`],
        previousGone: true,
        stray: null,
        next: null,
        attempt: state.attempt,
      })
    case 'rolling-back':
    case 'rolled-back':
      return noted(state, `${release} is rolled back already`)
    default:
      return assertNever(state)
  }
}
