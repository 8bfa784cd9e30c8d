/** The rules of the judge, in the order in which they are believed: leading indicators first. */
import { type DurationMs, ms } from '../../base/time.ts'
import type { ReleaseId, ServiceName } from '../../base/units.ts'
import { latencyQuantile, slowerThan } from '../latency.ts'
import type { Observation } from '../watch/samples.ts'
import {
  databaseMsPerRequest,
  type Enough,
  errorRatePercent,
  newestWithEnough,
  poolUtilisationPercent,
  spanOf,
  type Totals,
  totals,
} from '../windows.ts'
import { figure, rateText, spanText } from '../wording.ts'
import { compare, type Finding } from './compare.ts'
import type { LeadingRule, ReleasePolicy } from './policy.ts'
import { isSure, type Wealth } from './sequential.ts'

/** What the other release cost before the new one came; null where too little was seen. */
export interface Before {
  readonly databaseMs: number | null
  readonly p95Ms: number | null
}

/** Evidence of this step that outlives the window. */
export interface Evidence {
  /** Of the whole rollout, so that α is spent once. */
  readonly errorWealth: Wealth
  readonly slowWealth: Wealth
  /** Looks with a slow request of the canary, in the whole rollout. */
  readonly slowTicks: number
  /** Of this step. */
  readonly requests: number
  readonly errors: number
  readonly errorTicks: number
}

/** What a rule may look at. */
export interface RuleContext {
  readonly service: ServiceName
  readonly policy: ReleasePolicy
  readonly release: ReleaseId
  readonly previous: ReleaseId
  /** Observations of this step, oldest first. */
  readonly step: readonly Observation[]
  readonly before: Before
  readonly evidence: Evidence
}

/** What a rule found, with the numbers. */
export interface RuleFinding {
  readonly finding: Finding
  readonly why: readonly string[]
}

/** One way of telling that a canary is bad. */
export interface Rule {
  readonly id: string
  /** How long the finding must last. */
  readonly for: (policy: ReleasePolicy) => DurationMs
  /** Null: too little to tell. */
  readonly find: (context: RuleContext) => RuleFinding | null
}

const FINE: RuleFinding = { finding: 'fine', why: [] }

const windowOf = (context: RuleContext, release: ReleaseId, enough: Omit<Enough, 'within' | 'span'>): Totals | null => {
  const { service, policy, step } = context
  return newestWithEnough(step, { service, release }, { ...enough, span: ms(0), within: policy.within })
}

/** p95 latency of a window in milliseconds; null without a request. */
export const p95Of = (window: Totals): number | null => latencyQuantile(window.latency, 0.95)

/** A figure that is compared with the release beside and with what was before. */
function leading(of: {
  readonly id: string
  readonly name: string
  readonly rule: (policy: ReleasePolicy) => LeadingRule
  readonly read: (window: Totals) => number | null
  readonly before: (before: Before) => number | null
}): Rule {
  return {
    id: of.id,
    for: (policy) => of.rule(policy).for,
    find: (context) => {
      const rule = of.rule(context.policy)
      const need = { requests: rule.minRequests, ticks: rule.minTicks }
      const window = windowOf(context, context.release, need)
      const canary = window === null ? null : of.read(window)
      if (window === null || canary === null) return null
      const other = windowOf(context, context.previous, need)
      const compared = { canary, beside: other === null ? null : of.read(other), before: of.before(context.before) }
      const limits = { floor: rule.floorMs, factor: rule.factor, besideFactor: context.policy.besideFactor }
      const finding = compare(compared, limits)
      if (finding === 'fine') return FINE
      const { service, release, previous } = context
      const times = (reference: number) => `${figure(canary / Math.max(reference, 0.1))} times`
      return {
        finding,
        why: [
          `${of.name} of ${service}@${release} is ${figure(canary)} ms (${window.requests} requests in ${spanText(spanOf(window))})`,
          ...(compared.beside === null
            ? []
            : [`${times(compared.beside)} the ${figure(compared.beside)} ms of ${previous} beside it`]),
          ...(compared.before === null
            ? []
            : [`${times(compared.before)} the ${figure(compared.before)} ms of ${previous} before the release`]),
        ],
      }
    },
  }
}

const databaseTime = leading({
  id: 'database-time',
  name: 'database time per request',
  rule: (policy) => policy.databaseTime,
  read: databaseMsPerRequest,
  before: (before) => before.databaseMs,
})

const latency = leading({
  id: 'latency',
  name: 'p95 latency',
  rule: (policy) => policy.latency,
  read: p95Of,
  before: (before) => before.p95Ms,
})

/** The other release fails nearly as often: then the canary is not to blame. */
function blameless(context: RuleContext, canary: Totals, limit: { readonly ratePercent: number }): Totals | null {
  const other = windowOf(context, context.previous, { requests: 1, ticks: Math.max(1, canary.ticks) })
  if (other === null) return null
  const rate = errorRatePercent(other) ?? 0
  const canaryRate = errorRatePercent(canary) ?? 0
  return rate > limit.ratePercent && canaryRate < context.policy.besideFactor * rate ? other : null
}

const errorFinding = (context: RuleContext, window: Totals, limit: { readonly ratePercent: number }): RuleFinding => {
  const { service, release, previous } = context
  const what = `${rateText(window)} of ${service}@${release} failed in the newest ${spanText(spanOf(window))}`
  const other = blameless(context, window, limit)
  if (other === null) return { finding: 'bad', why: [`${what}, above ${limit.ratePercent} %`] }
  return { finding: 'everything-bad', why: [what, `so did ${rateText(other)} of ${previous} beside it`] }
}

const sequentialErrors: Rule = {
  id: 'sequential-error-rate',
  for: () => ms(0),
  find: (context) => {
    const { evidence, policy } = context
    const rule = policy.sequential
    if (evidence.requests < rule.minRequests) return null
    if (!isSure(evidence.errorWealth, rule.alpha) || evidence.errorTicks < rule.minErrorTicks) return FINE
    const window = windowOf(context, context.release, { requests: rule.minRequests, ticks: 1 })
    if (window === null) return null
    if ((errorRatePercent(window) ?? 0) <= rule.ratePercent) return FINE
    const found = errorFinding(context, window, rule)
    const odds = `${evidence.errors} of ${evidence.requests} requests since the step began failed: the chance of that at ${rule.ratePercent} % is below ${rule.alpha}`
    return { ...found, why: [...found.why, odds] }
  },
}

/** Slow requests that the canary has and the other release has not: known after a handful of them. */
const sequentialLatency: Rule = {
  id: 'sequential-latency',
  for: () => ms(0),
  find: (context) => {
    const { evidence, service, release, previous } = context
    const { alpha, minTicks, sharePercent, minRequests } = context.policy.slowness
    const { floorMs } = context.policy.latency
    const window = windowOf(context, release, { requests: minRequests, ticks: 1 })
    if (window === null) return null
    if (!isSure(evidence.slowWealth, alpha) || evidence.slowTicks < minTicks) return FINE
    const slow = slowerThan(window.latency, floorMs)
    if (slow * 100 < sharePercent * window.requests) return FINE
    const other = windowOf(context, previous, { requests: 1, ticks: window.ticks })
    const slowText = (count: number, of: Totals) => `${count} of ${of.requests} requests`
    const beside =
      other === null ? [] : [`${slowText(slowerThan(other.latency, floorMs), other)} of ${previous} beside it`]
    return {
      finding: 'bad',
      why: [
        `${slowText(slow, window)} of ${service}@${release} took longer than ${floorMs} ms in the newest ${spanText(spanOf(window))}`,
        ...beside,
        `over the rollout the chance of such a difference between equal releases is below ${alpha}`,
      ],
    }
  },
}

const sustainedErrors: Rule = {
  id: 'sustained-error-rate',
  for: (policy) => policy.sustained.for,
  find: (context) => {
    const rule = context.policy.sustained
    const window = windowOf(context, context.release, { requests: rule.minRequests, ticks: 1 })
    const rate = window === null || window.requests < rule.minRequests ? null : errorRatePercent(window)
    if (window === null || rate === null) return null
    return rate > rule.ratePercent ? errorFinding(context, window, rule) : FINE
  },
}

const poolUtilisation: Rule = {
  id: 'pool-utilisation',
  for: (policy) => policy.pool.for,
  find: (context) => {
    const rule = context.policy.pool
    const full = (window: Totals | null) =>
      window !== null &&
      (poolUtilisationPercent(window) ?? 0) >= rule.utilisationPercent &&
      window.pool.pending >= window.ticks
    const window = windowOf(context, context.release, { requests: 0, ticks: rule.minTicks })
    if (window === null) return null
    if (!full(window)) return FINE
    const other = windowOf(context, context.previous, { requests: 0, ticks: rule.minTicks })
    const { service, release, previous } = context
    const mean = (total: number) => figure(total / window.ticks)
    const what =
      `pool of ${service}@${release} is ${figure(poolUtilisationPercent(window) ?? 0)} % in use (${mean(window.pool.used)} of ` +
      `${mean(window.pool.max)} connections, ${mean(window.pool.pending)} requests waiting)`
    const beside = other === null ? null : poolUtilisationPercent(other)
    if (other !== null && full(other)) return { finding: 'everything-bad', why: [what, `so is that of ${previous}`] }
    return {
      finding: 'bad',
      why: [what, ...(beside === null ? [] : [`that of ${previous} beside it ${figure(beside)} %`])],
    }
  },
}

export const JUDGE_RULES: readonly Rule[] = [
  databaseTime,
  sequentialErrors,
  sequentialLatency,
  sustainedErrors,
  poolUtilisation,
  latency,
]

/** One sentence on the database's cost, for the record of any verdict; null where it is not known. */
export function databaseCost(context: RuleContext): string | null {
  const { release, previous, service, before, step } = context
  const read = (of: ReleaseId) => {
    const all = totals(step, { service, release: of })
    return all === null || all.requests === 0 ? null : databaseMsPerRequest(all)
  }
  const canary = read(release)
  if (canary === null) return null
  const beside = read(previous)
  const others = [
    ...(beside === null ? [] : [`${figure(beside)} ms on ${previous} beside it`]),
    ...(before.databaseMs === null ? [] : [`${figure(before.databaseMs)} ms before the release`]),
  ]
  const compared = others.length === 0 ? '' : `; ${others.join(', ')}`
  return `database time per request of ${service}@${release} over this step: ${figure(canary)} ms${compared}`
}
