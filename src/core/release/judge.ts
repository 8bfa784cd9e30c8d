/**
 * The judge of a release: compares the canary with the release beside it and with what was before.
 *
 * J1 It speaks only while a judged release has traffic, and once per change of its mind.
 * J2 `pass` comes only when the step's time is over, enough requests were answered, and no rule has a complaint.
 * J3 A canary is bad only when it is worse than the release beside it; when that one suffers alike, everything is bad.
 * J4 Without data it says so, and never that the canary is bad.
 * J5 `bad` is final for the step. Other changes of mind are limited (MAX_VERDICTS).
 */
import { type DurationMs, type EpochMs, elapsed } from '../../base/time.ts'
import type { ReleaseId, ServiceName } from '../../base/units.ts'
import { fact, type LedgerEvent, type NewEvent, type Source } from '../events.ts'
import { slowerThan } from '../latency.ts'
import type { Look, Monitor } from '../monitor.ts'
import type { Observation } from '../watch/samples.ts'
import {
  databaseMsPerRequest,
  errorRatePercent,
  isStale,
  newestWithEnough,
  samplesOf,
  type Totals,
  totals,
} from '../windows.ts'
import { spanText } from '../wording.ts'
import {
  type Before,
  databaseCost,
  type Evidence,
  JUDGE_RULES,
  p95Of,
  type Rule,
  type RuleContext,
  type RuleFinding,
} from './judge-rules.ts'
import type { ReleasePolicy } from './policy.ts'
import { betOnErrors, betOnSlow, ERROR_BETS, SLOW_BETS } from './sequential.ts'
import type { Verdict } from './state.ts'
import { extend, lengthOf, type Streak } from './streak.ts'

/** What the judge remembers of the present step. */
export interface JudgeStep {
  readonly since: EpochMs
  readonly weight: number
  readonly evidence: Evidence
  /** One per rule and finding that goes on. */
  readonly streaks: Readonly<Record<string, Streak | null>>
  readonly verdict: Verdict | null
  readonly verdicts: number
}

/** What the judge remembers between looks; nothing while no release is judged. */
export interface JudgeState {
  readonly release: { readonly release: ReleaseId; readonly previous: ReleaseId; readonly requestedAt: EpochMs } | null
  readonly before: Before | null
  readonly step: JudgeStep | null
  /** The newest observation whose counts were taken in. */
  readonly lastAt: EpochMs | null
}

/** Verdicts other than `bad` that one step may get, so that a wavering source cannot flood the ledger. */
export const MAX_VERDICTS = 50
/** Requests of the other release before the new one that make a baseline. */
const BASELINE_REQUESTS = 50
const SOURCE: Source = { kind: 'premortem', name: 'judge' }
const IDLE: JudgeState = { release: null, before: null, step: null, lastAt: null }
const NOTHING: Evidence = {
  errorWealth: ERROR_BETS,
  slowWealth: SLOW_BETS,
  slowTicks: 0,
  requests: 0,
  errors: 0,
  errorTicks: 0,
}

function noted(state: JudgeState, event: LedgerEvent): JudgeState {
  const current = state.release?.release
  switch (event.type) {
    case 'release.requested': {
      const { release, previous, automaticRollback } = event.data
      if (release === current && state.step !== null) return state
      return automaticRollback ? { ...IDLE, release: { release, previous, requestedAt: event.at } } : IDLE
    }
    case 'weights.set': {
      const weight = event.data.weights.find((one) => one.release === current)?.weight ?? 0
      if (current === undefined || weight === state.step?.weight) return state
      const evidence = { ...(state.step?.evidence ?? NOTHING), requests: 0, errors: 0, errorTicks: 0 }
      const step = { since: event.at, weight, evidence, streaks: {}, verdict: null, verdicts: 0 }
      return { ...state, step: weight > 0 ? step : null }
    }
    case 'release.judged': {
      if (state.step === null || event.data.release !== current || event.at < state.step.since) return state
      return { ...state, step: { ...state.step, verdict: event.data.verdict } }
    }
    case 'release.rollback-decided':
    case 'release.rolled-back':
    case 'release.promoted':
    case 'release.failed':
      return event.data.release === current ? IDLE : state
    default:
      return state
  }
}

/** What the previous release cost before this one was asked for. */
function baseline(observations: readonly Observation[], of: { service: ServiceName; release: ReleaseId }): Before {
  const newest = observations[observations.length - 1]
  const window =
    newest &&
    newestWithEnough(observations, of, {
      requests: BASELINE_REQUESTS,
      ticks: 1,
      span: 0 as DurationMs,
      within: elapsed({ from: observations[0]?.at ?? newest.at, to: newest.at }),
    })
  if (!window) return { databaseMs: null, p95Ms: null }
  return { databaseMs: databaseMsPerRequest(window), p95Ms: p95Of(window) }
}

interface Judging {
  readonly service: ServiceName
  readonly policy: ReleasePolicy
  readonly release: ReleaseId
  readonly previous: ReleaseId
}

/** Takes in one observation's counts; one in which the other release fails too says nothing about the canary (J3). */
function takeIn(evidence: Evidence, observation: Observation, of: Judging): Evidence {
  const canary = totals([observation], { service: of.service, release: of.release })
  if (canary === null || canary.requests === 0) return evidence
  const { requests, errors } = canary
  const beside = totals([observation], { service: of.service, release: of.previous })
  const slow = slowCounts(canary, of)
  const limit = of.policy.sequential.ratePercent / 100
  return {
    errorWealth: excused(canary, beside, of)
      ? evidence.errorWealth
      : betOnErrors(evidence.errorWealth, { errors, requests, limit }),
    slowWealth:
      beside === null
        ? evidence.slowWealth
        : betOnSlow(evidence.slowWealth, { canary: slow, beside: slowCounts(beside, of) }),
    slowTicks: evidence.slowTicks + (slow.slow > 0 ? 1 : 0),
    requests: evidence.requests + requests,
    errors: evidence.errors + errors,
    errorTicks: evidence.errorTicks + (errors > 0 ? 1 : 0),
  }
}

const slowCounts = (of: Totals, { policy }: Judging) => ({
  slow: slowerThan(of.latency, policy.latency.floorMs),
  requests: of.requests,
})

function excused(canary: Totals, beside: Totals | null, { policy }: Judging): boolean {
  const besideRate = (beside && errorRatePercent(beside)) ?? 0
  if (besideRate <= policy.sequential.ratePercent) return false
  return (errorRatePercent(canary) ?? 0) < policy.besideFactor * besideRate
}

interface Opinion {
  readonly verdict: Verdict
  readonly rule: string
  readonly why: readonly string[]
}

interface Complaints {
  readonly streaks: JudgeStep['streaks']
  readonly lasting: readonly (Opinion & { readonly verdict: 'bad' | 'everything-bad' })[]
  /** Some rule has a complaint that has not lasted long enough. */
  readonly brewing: boolean
}

function complaintsOf(context: RuleContext, step: JudgeStep, at: EpochMs): Complaints {
  const streaks: Record<string, Streak | null> = {}
  const lasting: Complaints['lasting'][number][] = []
  let brewing = false
  const { maxGap } = context.policy
  const follow = (rule: Rule, found: RuleFinding | null, finding: 'bad' | 'everything-bad') => {
    const name = `${rule.id} ${finding}`
    const streak = extend(step.streaks[name] ?? null, { at, holds: found && found.finding === finding, maxGap })
    streaks[name] = streak
    if (found?.finding !== finding) return
    brewing = true
    const lasted = lengthOf(streak)
    if (lasted < rule.for(context.policy)) return
    const since = lasted > 0 ? [`for ${spanText(lasted)}`] : []
    lasting.push({ verdict: finding, rule: rule.id, why: [...found.why, ...since] })
  }
  for (const rule of JUDGE_RULES) {
    const found = rule.find(context)
    follow(rule, found, 'bad')
    follow(rule, found, 'everything-bad')
  }
  return { streaks, lasting, brewing }
}

function blind(of: RuleContext, since: EpochMs, at: EpochMs): Opinion | null {
  const seen = of.step
  const canary = { service: of.service, release: of.release }
  const newest = seen.findLast((one) => samplesOf(one, canary).length > 0)?.at ?? since
  const unseen = elapsed({ from: newest, to: at })
  if (!isStale(seen, canary) || unseen < of.policy.noDataAfter) return null
  const missing = seen[seen.length - 1]?.missing ?? []
  const why = `${of.service}@${of.release} has not been seen for ${spanText(unseen)}`
  return { verdict: 'no-data', rule: 'no-data', why: [why, ...missing] }
}

function atTheEnd(of: Judging, step: JudgeStep, at: EpochMs): Opinion | null {
  const { policy, service, release } = of
  const hold = step.weight >= 100 ? policy.bake : policy.stepHold
  const watched = elapsed({ from: step.since, to: at })
  if (watched < hold) return null
  const { requests, errors } = step.evidence
  const counts = `${requests} requests of ${service}@${release} in ${spanText(watched)} at ${step.weight} %`
  if (requests < policy.passMinRequests) {
    return { verdict: 'no-data', rule: 'no-data', why: [`only ${counts}; ${policy.passMinRequests} are needed`] }
  }
  return { verdict: 'pass', rule: 'hold', why: [`${counts}, ${errors} failed; no rule complains`] }
}

function opinionOf(context: RuleContext, step: JudgeStep, complaints: Complaints): Opinion | null {
  const at = context.step[context.step.length - 1]?.at ?? step.since
  const bad = complaints.lasting.filter((one) => one.verdict === 'bad')
  const cost = bad.some((one) => one.rule === 'database-time') ? null : databaseCost(context)
  const first = bad[0]
  if (first !== undefined)
    return { ...first, why: [...bad.flatMap((one) => one.why), ...(cost === null ? [] : [cost])] }
  const nothing = blind(context, step.since, at)
  if (nothing !== null) return nothing
  if (complaints.lasting[0] !== undefined) return complaints.lasting[0]
  return complaints.brewing ? null : atTheEnd(context, step, at)
}

function look(
  state: JudgeState,
  recent: readonly Observation[],
  fixed: Pick<Judging, 'service' | 'policy'>,
): Look<JudgeState> {
  const newest = recent[recent.length - 1]
  const silent = (next: JudgeState): Look<JudgeState> => ({ state: next, facts: [], questions: [] })
  if (state.release === null || newest === undefined) return silent(state)
  const { release, previous, requestedAt } = state.release
  const of: Judging = { ...fixed, release, previous }
  const earlier = recent.filter((one) => one.at <= requestedAt)
  const before = state.before ?? baseline(earlier, { service: of.service, release: previous })
  if (state.step === null) return silent({ ...state, before })
  const { since } = state.step
  const seen = recent.filter((one) => one.at > since)
  const fresh = seen.filter((one) => one.at > (state.lastAt ?? 0))
  const evidence = fresh.reduce((sum, one) => takeIn(sum, one, of), state.step.evidence)
  const context: RuleContext = { ...of, step: seen, before, evidence }
  const complaints = complaintsOf(context, state.step, newest.at)
  const step: JudgeStep = { ...state.step, evidence, streaks: complaints.streaks }
  const opinion = seen.length === 0 ? null : opinionOf(context, step, complaints)
  const next: JudgeState = { ...state, before, step, lastAt: newest.at }
  if (opinion === null || !worthSaying(step, opinion)) return silent(next)
  const facts: NewEvent[] = [fact({ at: newest.at, source: SOURCE }, 'release.judged', { release, ...opinion })]
  return {
    state: { ...next, step: { ...step, verdict: opinion.verdict, verdicts: step.verdicts + 1 } },
    facts,
    questions: [],
  }
}

const worthSaying = (step: JudgeStep, opinion: Opinion): boolean =>
  step.verdict !== 'bad' &&
  step.verdict !== opinion.verdict &&
  (opinion.verdict === 'bad' || step.verdicts < MAX_VERDICTS)

/** Judges the release of a service that is under way; see the invariants J1 to J5 above. */
export function releaseJudge(options: {
  readonly service: ServiceName
  readonly policy: ReleasePolicy
}): Monitor<JudgeState> {
  return {
    name: `judge:${options.service}`,
    initial: IDLE,
    note: noted,
    look: (state, recent) => look(state, recent, options),
    answer: (state) => ({ state, facts: [], questions: [] }),
  }
}
