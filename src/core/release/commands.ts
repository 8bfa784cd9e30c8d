/** Builds the commands of a rollout. R9: keys derive from the rollout, the step and the attempt only. */
import { type IdempotencyKey, idempotencyKey } from '../../base/ids.ts'
import type { EpochMs } from '../../base/time.ts'
import { percent } from '../../base/units.ts'
import type { Command } from '../commands.ts'
import type { Weight } from '../events.ts'
import type { Pending, Rollout, Timer } from './state.ts'

const keyOf = (rollout: Rollout, ...parts: (string | number)[]): IdempotencyKey =>
  idempotencyKey('release', rollout.release, rollout.number, ...parts)

/** What is remembered of a command until it ends. */
export const pending = (command: Command): Pending => ({ key: command.key, type: command.type })

/** Replicas of the new release that carry `weight` percent: its share of all, rounded up, at least one. */
export const replicasFor = (rollout: Rollout, weight: number): number =>
  Math.max(1, Math.ceil((rollout.replicas * weight) / 100))

/** R1: the two weights always add up to 100. */
export const weightsOf = (rollout: Rollout, weight: number): readonly Weight[] => [
  { release: rollout.release, weight: percent(weight) },
  { release: rollout.previous, weight: percent(100 - weight) },
]

/** The weight of a step in percent. */
export const stepWeight = (rollout: Rollout, step: number): number => rollout.steps[step] ?? 100

/** Applies the new release's migrations. */
export const migrate = (rollout: Rollout): Command => ({
  type: 'migrations.apply',
  key: keyOf(rollout, 'migrate'),
  data: { release: rollout.release },
})

/** Brings the new release to as many replicas as the step needs. */
export const start = (rollout: Rollout, step: number): Command => ({
  type: 'replicas.start',
  key: keyOf(rollout, 'start', step),
  data: {
    release: rollout.release,
    replicas: replicasFor(rollout, stepWeight(rollout, step)),
    poolMaxPerReplica: rollout.poolMaxPerReplica,
  },
})

/** Sets the step's weights. */
export const shift = (rollout: Rollout, step: number): Command => ({
  type: 'weights.set',
  key: keyOf(rollout, 'shift', step),
  data: { weights: weightsOf(rollout, stepWeight(rollout, step)) },
})

/** Ends the replicas of the previous release, after the promotion. */
export const retirePrevious = (rollout: Rollout): Command => ({
  type: 'replicas.stop',
  key: keyOf(rollout, 'retire', rollout.previous),
  data: { release: rollout.previous },
})

/** Starts the replicas of the previous release again, all of them. */
export const restorePrevious = (rollout: Rollout, attempt: number): Command => ({
  type: 'replicas.start',
  key: keyOf(rollout, 'back', attempt, 'restore'),
  data: {
    release: rollout.previous,
    replicas: rollout.replicas,
    poolMaxPerReplica: rollout.poolMaxPerReplica,
  },
})

/** Sends all traffic to the previous release. */
export const returnWeights = (rollout: Rollout, attempt: number): Command => ({
  type: 'weights.set',
  key: keyOf(rollout, 'back', attempt, 'weights'),
  data: { weights: weightsOf(rollout, 0) },
})

/** Ends the replicas of the release that was rolled back. */
export const clear = (rollout: Rollout, attempt: number): Command => ({
  type: 'replicas.stop',
  key: keyOf(rollout, 'back', attempt, 'clear'),
  data: { release: rollout.release },
})

/** Names a timer of a step. Its name stays the same over attempts to set it; its key does not. */
export const timerOf = (
  rollout: Rollout,
  of: { readonly kind: 'hold' | 'limit'; readonly step: number; readonly attempt: number },
): Timer => ({
  name: `release:${rollout.number}:${of.kind}:${of.step}`,
  key: keyOf(rollout, of.kind, of.step, of.attempt),
  attempt: of.attempt,
})

/** Asks for the timer. */
export const setTimer = (timer: Timer, at: EpochMs): Command => ({
  type: 'timer.set',
  key: timer.key,
  data: { timer: timer.name, at },
})
