/** How a rollout is left before its end, and after it. */
import type { EpochMs } from '../../base/time.ts'
import { stay } from '../decider.ts'
import type { Transition } from './forward.ts'
import { type RollbackCause, rollBack } from './rollback.ts'
import type { Promoted, ReleaseState, Rollout, UnderWay } from './state.ts'

/** Nothing happens, but it is worth a line in the record. */
export const noted = (state: ReleaseState, why: string): Transition => ({ ...stay(state), why: [why] })

/** On the way forward. */
export const isUnderWay = (state: ReleaseState): state is UnderWay =>
  state.phase === 'migrating' || state.phase === 'starting' || state.phase === 'shifting' || state.phase === 'holding'

/** Leaves the way forward: the command under way, if any, strays. */
export function abandon(
  state: UnderWay,
  cause: Pick<RollbackCause, 'at' | 'why'> & { readonly next?: Rollout },
): Transition {
  const { at, why, next = null } = cause
  const stray = state.phase === 'holding' ? null : state.waiting
  return rollBack(state.rollout, { at, why, previousGone: false, stray, next, attempt: 0 })
}

/** Undoes a release that was promoted: the replicas of the previous one are gone. */
export function abandonPromoted(state: Promoted, at: EpochMs, reason: string): Transition {
  const { rollout, next } = state
  return rollBack(rollout, { at, why: [reason], previousGone: true, stray: null, next, attempt: 0 })
}
