/** Sources of figures: an event of the ledger, a path in result.json, a curve in series.json. */
import type { LedgerEvent } from '../events.ts'
import type { Window } from './curves.ts'
import { describe } from './describe.ts'
import type { ActFacts } from './facts.ts'
import { decimal, timeOfDay, timeOfDayToSecond } from './figures.ts'
import { code, type Inline, reference, say } from './rich.ts'

const slug = (value: string): string => value.replace(/[^A-Za-z0-9_]+/g, '-').replace(/^-+|-+$/g, '')

/** `payment-service/42, 14:32:05 (17.2 s after the release was requested): …`. */
export function fromEvent(facts: ActFacts, event: LedgerEvent): Inline {
  const stream = event.service === facts.service ? '' : `${slug(event.service)}-`
  const away = (event.at - facts.zero) / 1000
  const when = `${decimal(Math.abs(away))} s ${away < 0 ? 'before' : 'after'} the release was requested`
  const act = facts.mark === 'e' ? '' : ` of the ${facts.result.act} act`
  return reference({
    label: `${facts.mark}${stream}${event.sequence}`,
    text: say`${code(event.id)}${act}, ${timeOfDayToSecond(facts.clock, event.at)} (${when}), ${code(event.type)} by ${event.source.name}: ${describe(event)}`,
  })
}

function lookUp(value: unknown, path: readonly string[]): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (typeof value !== 'object' || value === null) return undefined
  return lookUp(new Map<string, unknown>(Object.entries(value)).get(key), rest)
}

/** A counted or computed figure of the act; `path` is relative to it: `failedPayments`, `errorBudget.usedPercent`. */
export function fromResult(facts: ActFacts, path: string): Inline {
  const value = lookUp(facts.result, path.split('.'))
  const shown = value === null || value === undefined ? say`has no value` : say`= ${code(JSON.stringify(value))}`
  const own = facts.mark === 'e' ? '' : `${facts.result.act}-`
  return reference({
    label: `r-${own}${slug(path)}`,
    text: say`${code('result.json')}: ${code(`acts.${facts.result.act}.${path}`)} ${shown}`,
  })
}

/** The curve that a figure was computed from, and how. */
export interface SeriesSource {
  readonly metric: string
  /** Null: of any service. */
  readonly service: string | null
  readonly release?: string | null
  /** Such as `highest value`, `mean weighted by requests`. */
  readonly how: string
  readonly window?: Window
}

/** A figure computed from a curve. The definition says which curve, how, and over which time. */
export function fromSeries(facts: ActFacts, source: SeriesSource): Inline {
  const { metric, service, release, how, window } = source
  const own = facts.mark === 'e' ? '' : `${facts.result.act}-`
  const time =
    window === undefined
      ? 'over the whole act'
      : `from ${timeOfDay(facts.clock, window.from)} to ${timeOfDay(facts.clock, window.to)}`
  const of = service === null ? '' : ` of ${service}`
  const which = release === undefined || release === null ? '' : ` release ${release}`
  const place = window === undefined ? '' : `-${window.from - facts.zero}-${window.to - facts.zero}`
  return reference({
    numbered: 's',
    label: slug(`s-${own}${metric}-${service ?? ''}-${release ?? ''}-${how}${place}`),
    text: say`${code('series.json')}: ${code(metric)}${of}${which} in the ${facts.result.act} act, ${how}, ${time}`,
  })
}

/** A figure that follows from others by arithmetic, which the definition spells out. */
export const byArithmetic = (label: string, how: string): Inline =>
  reference({ label: `c-${slug(label)}`, text: say`Computed: ${how}` })
