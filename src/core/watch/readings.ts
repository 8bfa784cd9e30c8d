/** Reads one figure out of a window of observations, with the words for it. One reader per measure. */
import { type DurationMs, ms } from '../../base/time.ts'
import type { ReleaseId, ServiceName } from '../../base/units.ts'
import {
  databaseMsPerRequest,
  errorRatePercent,
  isStale,
  MISSED_LOOKS,
  newestWithEnough,
  poolUtilisationPercent,
  releasesIn,
} from '../windows.ts'
import { figure, rateText, spanText } from '../wording.ts'
import { type AlertRule, type Measure, SLOW_STATEMENT } from './rules.ts'
import type { Observation } from './samples.ts'

/** A rule's figure at one look. */
export interface Reading {
  readonly value: number
  /** The limit that applied, in the rule's unit. */
  readonly threshold: number
  readonly above: boolean
  /** At or below what ends the alert. */
  readonly clear: boolean
  readonly release: ReleaseId | null
  /** `Error rate of payment-service is 13.5 % (13 of 96 requests)`: without the final stop. */
  readonly text: string
}

/** Database milliseconds per request that each release was last seen with: what a new release is compared with. */
export type References = Readonly<Record<string, number>>

/** What a figure is read from. */
export interface ReadingContext {
  readonly service: ServiceName
  readonly rule: AlertRule
  /** Oldest first. */
  readonly recent: readonly Observation[]
  readonly references: References
}

type Reader = (context: ReadingContext) => Reading | null

const enough = (rule: AlertRule, need: { readonly requests: number; readonly ticks: number }) => ({
  ...need,
  span: rule.window,
  within: rule.within,
})

/** Releases that the newest looks still show. */
const liveReleases = ({ recent, service }: ReadingContext): readonly ReleaseId[] => {
  const newest = recent.slice(-MISSED_LOOKS)
  return releasesIn(newest, service)
}

const errorRate: Reader = ({ service, rule, recent }) => {
  if (isStale(recent, { service })) return null
  const window = newestWithEnough(recent, { service }, enough(rule, { requests: rule.minimum, ticks: 1 }))
  const value = window === null || window.requests < rule.minimum ? null : errorRatePercent(window)
  if (window === null || value === null) return null
  const text = `Error rate of ${service} is ${rateText(window)}`
  const { threshold } = rule
  return { value, threshold, above: value > threshold, clear: value <= rule.resolve.at, release: null, text }
}

const poolUtilisation: Reader = (context) => {
  const { service, rule, recent } = context
  const pools = liveReleases(context).flatMap((release) => {
    const window = newestWithEnough(recent, { service, release }, enough(rule, { requests: 0, ticks: rule.minimum }))
    const value = window === null ? null : poolUtilisationPercent(window)
    return window === null || value === null ? [] : [{ release, window, value }]
  })
  const worst = pools.sort((a, b) => b.value - a.value)[0]
  if (worst === undefined) return null
  const { release, value, window } = worst
  const mean = (total: number) => figure(total / window.ticks)
  const text =
    `Pool utilisation of ${service}@${release} is ${figure(value)} % ` +
    `(${mean(window.pool.used)} of ${mean(window.pool.max)} connections in use, ${mean(window.pool.pending)} requests waiting)`
  const { threshold } = rule
  return { value, threshold, above: value > threshold, clear: value <= rule.resolve.at, release, text }
}

/** Time since each statement of the service passed the two seconds, once per statement; shortest first. */
function slowSince(recent: readonly Observation[], service: ServiceName): readonly DurationMs[] {
  const end = recent[recent.length - 1]?.at ?? 0
  const seen = new Map<string, number>()
  for (const { at, database } of recent) {
    for (const statement of database?.running ?? []) {
      if (statement.service !== service || statement.age <= SLOW_STATEMENT) continue
      const key = `${statement.pid}:${statement.startedAt}`
      // The age is PostgreSQL's own, so a difference between its clock and ours does not matter.
      if (!seen.has(key)) seen.set(key, end - (at - (statement.age - SLOW_STATEMENT)))
    }
  }
  return [...seen.values()].sort((a, b) => a - b).map(ms)
}

/**
 * Distinct statements (backend and start) that passed 2 s within the window, per minute of real time. Sampled once a
 * tick: a statement that ends between passing 2 s and the next look is missed, so the figure is a lower bound.
 */
const slowQueries: Reader = ({ service, rule, recent }) => {
  if (recent.slice(-MISSED_LOOKS).every(({ database }) => database === null)) return null
  const since = slowSince(recent, service).filter((age) => age <= rule.within)
  const reach = since[rule.minimum - 1] ?? rule.within
  const span = ms(Math.max(rule.window, reach))
  const count = since.filter((age) => age <= span).length
  const value = span === 0 ? 0 : (count * 60_000) / span
  return {
    value,
    threshold: rule.threshold,
    above: count >= rule.minimum && value > rule.threshold,
    clear: value <= rule.resolve.at,
    release: null,
    text:
      `${service} runs ${figure(value)} queries per minute that take longer than ${spanText(SLOW_STATEMENT)} ` +
      `(${count} in ${spanText(span)})`,
  }
}

/** Database time per request of each live release with enough requests. */
export function databaseTimes(context: ReadingContext): References {
  const { service, rule, recent } = context
  return Object.fromEntries(
    liveReleases(context).flatMap((release) => {
      const need = enough(rule, { requests: rule.minimum, ticks: 1 })
      const window = newestWithEnough(recent, { service, release }, need)
      const value = window === null ? null : databaseMsPerRequest(window)
      return value === null ? [] : [[release, value] as const]
    }),
  )
}

const databaseTime: Reader = (context) => {
  const { service, rule, references } = context
  const now = databaseTimes(context)
  const factor = rule.factor ?? 1
  const compared = Object.entries(now).map(([release, value]) => {
    const others = Object.entries({ ...references, ...now }).filter(([other]) => other !== release)
    const [other, reference] = others.sort(([, a], [, b]) => a - b)[0] ?? [null, null]
    return { release: release as ReleaseId, value, other, reference }
  })
  const ratio = (one: (typeof compared)[number]) => one.value / Math.max(one.reference ?? one.value, 0.01)
  const worst = compared.sort((a, b) => ratio(b) - ratio(a))[0]
  if (worst === undefined) return null
  const { release, value, other, reference } = worst
  const threshold = Math.max(rule.threshold, factor * (reference ?? 0))
  const compare = reference === null ? 'no other release to compare with' : `${figure(reference)} ms on ${other}`
  return {
    value,
    threshold,
    above: reference !== null && value >= threshold,
    clear: value <= rule.resolve.at || (reference !== null && value <= (factor / 2) * reference),
    release,
    text: `Database time per request of ${service}@${release} is ${figure(value)} ms (${compare})`,
  }
}

const READERS: { readonly [M in Measure]: Reader } = {
  'error-rate': errorRate,
  'pool-utilisation': poolUtilisation,
  'slow-queries': slowQueries,
  'database-time': databaseTime,
}

/** The rule's figure now; null when there is too little to compute it from: that is no data, not zero. */
export const readingOf = (context: ReadingContext): Reading | null => READERS[context.rule.measure](context)
