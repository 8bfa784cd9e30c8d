/** The way back: the previous release's replicas if they are gone, its weights, then the end of the bad one. */
import type { EpochMs } from '../../base/time.ts'
import type { ReleaseId } from '../../base/units.ts'
import type { Command } from '../commands.ts'
import { type Facts, fact, type NewEvent } from '../events.ts'
import { clear, pending, restorePrevious, returnWeights } from './commands.ts'
import { begin, RELEASE_SOURCE, type Transition } from './forward.ts'
import { MAX_FAILURES, type Pending, type RollingBack, type Rollout } from './state.ts'

/** Why and from where a rollback begins. */
export interface RollbackCause {
  readonly at: EpochMs
  readonly why: readonly string[]
  /** The previous release's replicas were stopped, or may have been. */
  readonly previousGone: boolean
  readonly stray: Pending | null
  readonly next: Rollout | null
  /** Commands of earlier attempts to roll this rollout back. */
  readonly attempt: number
}

/** R2: the target is the release that the request recorded. R3: weights come first wherever they can. */
export function rollBack(rollout: Rollout, cause: RollbackCause): Transition {
  const { release, previous: to } = rollout
  const decided = fact({ at: cause.at, source: RELEASE_SOURCE }, 'release.rollback-decided', {
    release,
    to,
    why: cause.why,
  })
  const base: RollingBack = {
    phase: 'rolling-back',
    rollout,
    stage: 'returned',
    waiting: null,
    stray: cause.stray,
    again: false,
    attempt: cause.attempt,
    failures: 0,
    next: cause.next,
  }
  const first = cause.previousGone
    ? enter(base, 'restoring', `the replicas of ${to} are gone and come back first`)
    : enter(base, 'returning', `all traffic returns to ${to}`)
  return { ...first, facts: [decided], why: [...cause.why, ...first.why] }
}

const BUILDERS = { restoring: restorePrevious, returning: returnWeights, clearing: clear } as const

function enter(state: RollingBack, stage: keyof typeof BUILDERS, why: string): Transition {
  const attempt = state.attempt + 1
  const command: Command = BUILDERS[stage](state.rollout, attempt)
  const failures = stage === state.stage ? state.failures : 0
  return {
    state: {
      ...state,
      stage,
      attempt,
      failures,
      waiting: pending(command),
      again: stage === 'returning' ? false : state.again,
    },
    commands: [command],
    facts: [],
    why: [why],
  }
}

/** A command of the rollback, or the stray one of the way forward, has ended well or badly. */
export function rollbackOutcome(
  state: RollingBack,
  outcome: { readonly key: string; readonly error: string | null; readonly at: EpochMs },
): Transition | null {
  if (state.stray?.key === outcome.key) return strayEnded(state)
  if (state.waiting?.key !== outcome.key) return null
  if (outcome.error !== null) return stageFailed(state, outcome.error, outcome.at)
  const done: RollingBack = { ...state, waiting: null, failures: 0 }
  const { release, previous } = state.rollout
  switch (state.stage) {
    case 'restoring':
      return enter(done, 'returning', `${previous} has its replicas again: all traffic returns to it`)
    case 'returning':
      return afterReturn({ ...done, stage: 'returned' })
    case 'clearing':
      return finish(done, outcome.at, `no replica of ${release} is left`)
    case 'returned':
      return null
  }
}

/** R6: nothing of the way forward may still be under way when the bad release's replicas end. */
function afterReturn(state: RollingBack): Transition {
  const { release } = state.rollout
  if (state.again) return enter(state, 'returning', 'a late command may have moved the weights: they are set again')
  if (state.stray !== null) {
    return {
      state,
      commands: [],
      facts: [],
      why: [`waits for the end of ${state.stray.type}, begun before the rollback`],
    }
  }
  return enter(state, 'clearing', `no traffic is left on ${release}: its replicas end`)
}

function strayEnded(state: RollingBack): Transition {
  const again = state.again || state.stray?.type === 'weights.set'
  const next: RollingBack = { ...state, stray: null, again }
  if (state.stage === 'returned') return afterReturn(next)
  return { state: next, commands: [], facts: [], why: [] }
}

function stageFailed(state: RollingBack, error: string, at: EpochMs): Transition {
  const failures = state.failures + 1
  const { stage } = state
  const failed: RollingBack = { ...state, failures, waiting: null }
  if (failures < MAX_FAILURES && stage !== 'returned') {
    return enter(failed, stage, `${stage} failed (${error}): failure ${failures} of at most ${MAX_FAILURES}, again`)
  }
  const { release, previous } = state.rollout
  if (stage === 'clearing') {
    return finish(failed, at, `the replicas of ${release} could not be ended (${error}); they get no traffic`)
  }
  const reason = `traffic could not be returned to ${previous}: ${error}`
  const facts = [fact({ at, source: RELEASE_SOURCE }, 'release.failed', { release, reason })]
  return continueWith(failed, { facts, why: [`${reason}; gave up after ${failures} failures`], stranded: true })
}

function finish(state: RollingBack, at: EpochMs, why: string): Transition {
  const data: Facts['release.rolled-back'] = { release: state.rollout.release, to: state.rollout.previous }
  const facts = [fact({ at, source: RELEASE_SOURCE }, 'release.rolled-back', data)]
  return continueWith(state, { facts, why: [why], stranded: false })
}

/** Takes on what was requested meanwhile, or ends. */
function continueWith(
  state: RollingBack,
  end: { readonly facts: readonly NewEvent[]; readonly why: readonly string[]; readonly stranded: boolean },
): Transition {
  const { rollout, attempt } = state
  // A new release may lean on the previous one, which could not be brought back.
  if (state.next !== null && end.stranded) return strandedWith(state, state.next.release, end)
  if (state.next !== null) {
    const next = begin(state.next)
    return { ...next, facts: [...end.facts, ...next.facts], why: [...end.why, ...next.why] }
  }
  return {
    state: end.stranded ? { phase: 'failed', rollout, stranded: true, attempt } : { phase: 'rolled-back', rollout },
    commands: [],
    facts: end.facts,
    why: end.why,
  }
}

function strandedWith(
  state: RollingBack,
  waiting: ReleaseId,
  end: { readonly facts: readonly NewEvent[]; readonly why: readonly string[] },
): Transition {
  const reason = `traffic could not be returned from ${state.rollout.release}, so ${waiting} was not begun`
  const at = end.facts[0]?.at ?? state.rollout.requestedAt
  return {
    state: { phase: 'failed', rollout: state.rollout, stranded: true, attempt: state.attempt },
    commands: [],
    facts: [...end.facts, fact({ at, source: RELEASE_SOURCE }, 'release.failed', { release: waiting, reason })],
    why: [...end.why, reason],
  }
}
