/** The way forward: migrate, then per step start replicas, shift, hold; at the end promote. */
import { type DurationMs, type EpochMs, ms, plus } from '../../base/time.ts'
import type { Decision } from '../decider.ts'
import { fact, type Source } from '../events.ts'
import { spanText } from '../wording.ts'
import {
  migrate,
  pending,
  replicasFor,
  retirePrevious,
  setTimer,
  shift,
  start,
  stepWeight,
  timerOf,
} from './commands.ts'
import type { ReleasePolicy } from './policy.ts'
import type { Holding, ReleaseState, Rollout, Starting } from './state.ts'

export const RELEASE_SOURCE: Source = { kind: 'premortem', name: 'release' }

/** What every transition needs besides the state: when it happens, and by which rules. */
export interface Context {
  readonly at: EpochMs
  readonly policy: ReleasePolicy
}

/** What any event makes of the state. */
export type Transition = Decision<ReleaseState>

/** Takes a rollout on: its migrations come first. */
export function begin(rollout: Rollout): Transition {
  const command = migrate(rollout)
  const { release, previous, steps, automaticRollback } = rollout
  const how = automaticRollback ? 'judged at every step' : 'without a judge'
  return {
    state: { phase: 'migrating', rollout, step: 0, waiting: pending(command) },
    commands: [command],
    facts: [],
    why: [`${release} follows ${previous} by ${steps.join(' → ')} %, ${how}; its migrations come first`],
  }
}

/** Starts the replicas that a step needs, or shifts at once when the step before started enough. */
export function enterStep(rollout: Rollout, step: number, reason: string): Transition {
  const needed = replicasFor(rollout, stepWeight(rollout, step))
  const running = step === 0 ? 0 : replicasFor(rollout, stepWeight(rollout, step - 1))
  if (needed === running) return shiftTo(rollout, step, reason)
  const command = start(rollout, step)
  return {
    state: { phase: 'starting', rollout, step, waiting: pending(command) },
    commands: [command],
    facts: [],
    why: [
      `${reason}: ${needed} of ${rollout.replicas} replicas of ${rollout.release} before ${stepWeight(rollout, step)} %`,
    ],
  }
}

function shiftTo(rollout: Rollout, step: number, reason: string): Transition {
  const command = shift(rollout, step)
  return {
    state: { phase: 'shifting', rollout, step, waiting: pending(command) },
    commands: [command],
    facts: [],
    why: [`${reason}: ${stepWeight(rollout, step)} % of the traffic to ${rollout.release}`],
  }
}

/** The replicas of the step are there: shift. */
export const started = (state: Starting): Transition =>
  shiftTo(state.rollout, state.step, `${state.rollout.release} has its replicas`)

/** How long a step is watched, and after how long without a verdict it is given up (null: never), from its shift. */
export function stepTimes(
  rollout: Rollout,
  step: number,
  policy: ReleasePolicy,
): { readonly hold: DurationMs; readonly limit: DurationMs | null } {
  const hold = step === rollout.steps.length - 1 ? policy.bake : policy.stepHold
  const limited = rollout.automaticRollback && policy.holdLimit !== null
  return { hold, limit: limited ? ms(hold + (policy.holdLimit ?? 0)) : null }
}

/** The weights are set: watch the step, or promote at once when nobody judges and nothing is left to shift. */
export function shifted(rollout: Rollout, step: number, context: Context): Transition {
  const { at, policy } = context
  const last = step === rollout.steps.length - 1
  if (last && !rollout.automaticRollback) {
    return promote(rollout, at, `all traffic is on ${rollout.release} and no judge was asked for`)
  }
  const times = stepTimes(rollout, step, policy)
  const hold = timerOf(rollout, { kind: 'hold', step, attempt: 1 })
  const limit = times.limit === null ? null : timerOf(rollout, { kind: 'limit', step, attempt: 1 })
  const holding: Holding = { phase: 'holding', rollout, step, since: at, holdOver: false, verdict: null, hold, limit }
  return {
    state: holding,
    commands: [
      setTimer(hold, plus(at, times.hold)),
      ...(limit === null || times.limit === null ? [] : [setTimer(limit, plus(at, times.limit))]),
    ],
    facts: [],
    why: [`${stepWeight(rollout, step)} % is on ${rollout.release}: watched for at least ${spanText(times.hold)}`],
  }
}

/** R4: a judged step ends only when its time is over and the latest verdict of this step is a pass. */
export function advance(state: Holding, at: EpochMs): Transition {
  const { rollout, step, verdict } = state
  const ready = state.holdOver && (verdict === 'pass' || !rollout.automaticRollback)
  if (!ready) {
    const why = state.holdOver ? [`the time of the step is over, but ${lacking(state)}: it holds`] : []
    return { state, commands: [], facts: [], why }
  }
  const reason = rollout.automaticRollback
    ? `${stepWeight(rollout, step)} % passed`
    : `${stepWeight(rollout, step)} % is over`
  if (step === rollout.steps.length - 1) return promote(rollout, at, reason)
  return enterStep(rollout, step + 1, reason)
}

const lacking = ({ verdict }: Holding): string => {
  if (verdict === null) return 'the judge has not spoken'
  return verdict === 'everything-bad' ? 'all releases suffer alike' : 'there is too little data'
}

function promote(rollout: Rollout, at: EpochMs, reason: string): Transition {
  const command = retirePrevious(rollout)
  return {
    state: { phase: 'promoted', rollout, waiting: pending(command), abort: null, next: null },
    commands: [command],
    facts: [fact({ at, source: RELEASE_SOURCE }, 'release.promoted', { release: rollout.release })],
    why: [`${reason}: ${rollout.release} is promoted and the replicas of ${rollout.previous} end`],
  }
}
