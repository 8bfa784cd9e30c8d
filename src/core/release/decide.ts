/** The release decider: see SPEC.md for its invariants (R1…) and the state × event table. */
import { assertNever } from '../../base/assert-never.ts'
import { elapsed as between, type EpochMs, plus } from '../../base/time.ts'
import { type Decider, stay } from '../decider.ts'
import { fact, type LedgerEvent } from '../events.ts'
import { spanText } from '../wording.ts'
import { abandon, abandonPromoted, isUnderWay, noted } from './abandon.ts'
import { setTimer, stepWeight, timerOf } from './commands.ts'
import {
  advance,
  begin,
  type Context,
  enterStep,
  RELEASE_SOURCE,
  shifted,
  started,
  stepTimes,
  type Transition,
} from './forward.ts'
import { abortRequested, requested } from './people.ts'
import type { ReleasePolicy } from './policy.ts'
import { rollBack, rollbackOutcome } from './rollback.ts'
import { type Holding, MAX_TIMER_ATTEMPTS, type Promoted, type ReleaseState, type Timer } from './state.ts'

function judged(state: ReleaseState, event: LedgerEvent & { type: 'release.judged' }): Transition {
  const { release, verdict, rule, why } = event.data
  if (!isUnderWay(state) || state.rollout.release !== release || event.at < state.rollout.requestedAt)
    return stay(state)
  if (verdict === 'bad') {
    if (!state.rollout.automaticRollback)
      return noted(state, `the judge finds ${release} bad (${rule}); rollback is up to people`)
    return abandon(state, { at: event.at, why })
  }
  // R5: a verdict from before the weights were set is about another step.
  if (state.phase !== 'holding' || event.at < state.since) return stay(state)
  return advance({ ...state, verdict }, event.at)
}

function succeeded(state: ReleaseState, key: string, context: Context): Transition {
  switch (state.phase) {
    case 'migrating':
      if (state.waiting.key !== key) return stay(state)
      return enterStep(state.rollout, 0, 'the migrations are applied')
    case 'starting':
      return state.waiting.key === key ? started(state) : stay(state)
    case 'shifting':
      return state.waiting.key === key ? shifted(state.rollout, state.step, context) : stay(state)
    case 'rolling-back':
      return rollbackOutcome(state, { key, error: null, at: context.at }) ?? stay(state)
    case 'promoted':
      return state.waiting?.key === key ? retired(state, context.at) : stay(state)
    case 'holding':
    case 'idle':
    case 'failed':
    case 'rolled-back':
      return stay(state)
    default:
      return assertNever(state)
  }
}

/** The stop of the previous release has ended, well or badly: what had to wait for it goes on. */
function retired(state: Promoted, at: EpochMs): Transition {
  const done: Promoted = { ...state, waiting: null }
  if (state.abort !== null) return abandonPromoted(done, at, state.abort)
  return state.next === null ? stay(done) : begin(state.next)
}

function failed(state: ReleaseState, event: LedgerEvent & { type: 'command.failed' }, context: Context): Transition {
  const { key, error, attempts } = event.data
  const { at } = context
  const what = (subject: string) => [`${subject} failed after ${attempts} attempts: ${error}`]
  switch (state.phase) {
    case 'migrating': {
      if (state.waiting.key !== key) return stay(state)
      const { rollout } = state
      const reason = `the migrations of ${rollout.release} failed: ${error}`
      const facts = [fact({ at, source: RELEASE_SOURCE }, 'release.failed', { release: rollout.release, reason })]
      return {
        state: { phase: 'failed', rollout, stranded: false, attempt: 0 },
        commands: [],
        facts,
        why: [`${reason}; no traffic was shifted`],
      }
    }
    case 'starting':
    case 'shifting': {
      if (state.waiting.key !== key) return stay(state)
      const { rollout, step } = state
      const subject =
        state.phase === 'starting'
          ? `starting replicas of ${rollout.release}`
          : `shifting to ${stepWeight(rollout, step)} %`
      // The failed command is over: nothing strays.
      return rollBack(rollout, { at, why: what(subject), previousGone: false, stray: null, next: null, attempt: 0 })
    }
    case 'holding':
      return timerFailed(state, { key, why: what('setting the timer of the step') }, context)
    case 'rolling-back':
      return rollbackOutcome(state, { key, error, at }) ?? stay(state)
    case 'promoted': {
      if (state.waiting?.key !== key) return stay(state)
      const next = retired(state, at)
      return { ...next, why: [...what(`ending the replicas of ${state.rollout.previous}`), ...next.why] }
    }
    case 'idle':
    case 'failed':
    case 'rolled-back':
      return stay(state)
    default:
      return assertNever(state)
  }
}

function timerFailed(
  state: Holding,
  failure: { readonly key: string; readonly why: readonly string[] },
  context: Context,
): Transition {
  const { key, why } = failure
  const kind = state.hold.key === key ? 'hold' : state.limit?.key === key ? 'limit' : null
  if (kind === null) return stay(state)
  const before: Timer | null = state[kind]
  const attempt = (before?.attempt ?? 0) + 1
  if (attempt > MAX_TIMER_ATTEMPTS) return abandon(state, { at: context.at, why })
  const timer = timerOf(state.rollout, { kind, step: state.step, attempt })
  // Due at once or later than planned: a step may only ever be watched for longer than asked.
  const times = stepTimes(state.rollout, state.step, context.policy)
  const length = (kind === 'hold' ? times.hold : times.limit) ?? times.hold
  const due = Math.max(context.at, plus(state.since, length)) as EpochMs
  return { state: { ...state, [kind]: timer }, commands: [setTimer(timer, due)], facts: [], why }
}

function elapsed(state: ReleaseState, timer: string, context: Context): Transition {
  if (state.phase !== 'holding') return stay(state)
  if (timer === state.hold.name && !state.holdOver) return advance({ ...state, holdOver: true }, context.at)
  if (timer !== state.limit?.name) return stay(state)
  const { rollout, verdict } = state
  const lacks = verdict === 'everything-bad' ? 'all releases suffered alike' : 'no data to judge it by'
  const span = spanText(between({ from: state.since, to: context.at }))
  return abandon(state, { at: context.at, why: [`${rollout.release} was not proven good within ${span}: ${lacks}`] })
}

function decide(state: ReleaseState, event: LedgerEvent, policy: ReleasePolicy): Transition {
  const context: Context = { at: event.at, policy }
  switch (event.type) {
    case 'release.requested':
      return requested(state, event, policy)
    case 'release.abort-requested':
      return abortRequested(state, event)
    case 'release.judged':
      return judged(state, event)
    case 'command.succeeded':
      return succeeded(state, event.data.key, context)
    case 'command.failed':
      return failed(state, event, context)
    case 'timer.elapsed':
      return elapsed(state, event.data.timer, context)
    // Its own facts, and the outcomes that come with `command.succeeded`, whose key tells whose they are.
    case 'release.rollback-decided':
    case 'release.rolled-back':
    case 'release.promoted':
    case 'release.failed':
    case 'decision.made':
    case 'migration.applied':
    case 'replicas.started':
    case 'replicas.stopped':
    case 'weights.set':
    // What people do by hand, and what other stages say.
    case 'config.changed':
    case 'service.scaled':
    case 'index.build-started':
    case 'index.build-finished':
    case 'database.inspected':
    case 'database.changed':
    case 'alert.fired':
    case 'alert.resolved':
    case 'incident.opened':
    case 'incident.severity-set':
    case 'incident.acknowledged':
    case 'incident.role-assigned':
    case 'incident.mitigated':
    case 'incident.resolved':
    case 'incident.note':
    case 'attempt.started':
    case 'attempt.finished':
    case 'cause.named':
    case 'finding.made':
    case 'notice.sent':
    case 'queue.drained':
    case 'reconciliation.finished':
    case 'traffic.counted':
    case 'act.started':
    case 'act.finished':
      return stay(state)
    default:
      return assertNever(event)
  }
}

/** Takes a release out step by step, and back when it is bad. Pure; the state is plain data. */
export function releaseDecider(policy: ReleasePolicy): Decider<ReleaseState> {
  return { name: 'release', initial: { phase: 'idle' }, decide: (state, event) => decide(state, event, policy) }
}
