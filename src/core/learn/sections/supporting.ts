/** Charts, tables of buckets, related incidents and links. */
import { type EpochMs, epochMs } from '../../../base/time.ts'
import type { ChartSpec } from '../chart.ts'
import { actCharts, comparedCharts } from '../chart-specs.ts'
import type { Context } from '../context.ts'
import { type Curve, mean, median, peak, type Window } from '../curves.ts'
import { type ActFacts, ofType, wholeAct } from '../facts.ts'
import { count, inMs, percentage, timeOfDay } from '../figures.ts'
import type { Figure, PostmortemModel, Table } from '../model.ts'
import { fromEvent, fromSeries } from '../refs.ts'
import { code, joined, link, question, type Rich, type Statement, say } from '../rich.ts'

/** Minutes of the incident that a bucket may last; the first that gives few enough rows is taken. */
const BUCKET_MINUTES = [5, 10, 15, 30, 60, 120, 240]
const MAX_BUCKETS = 14

/** From the first sample to the last, cut at round times of day. */
export function bucketsOf(facts: ActFacts): readonly Window[] {
  const dayMinute = (at: EpochMs) =>
    Date.parse(facts.clock.scenarioStart) / 60_000 + (at - facts.clock.startedAt) / facts.clock.pace
  const back = (minute: number) =>
    epochMs(facts.clock.startedAt + (minute - Date.parse(facts.clock.scenarioStart) / 60_000) * facts.clock.pace)
  const [first, last] = [dayMinute(facts.start), dayMinute(facts.end)]
  const size = BUCKET_MINUTES.find((minutes) => Math.ceil((last - first) / minutes) < MAX_BUCKETS) ?? 480
  const buckets: Window[] = []
  for (let minute = Math.floor(first / size) * size; minute <= last; minute += size) {
    buckets.push({ from: back(minute), to: back(minute + size) })
  }
  return buckets
}

const range = (facts: ActFacts, bucket: Window): Rich =>
  say`${timeOfDay(facts.clock, bucket.from)} – ${timeOfDay(facts.clock, bucket.to)}`

function mainTable(facts: ActFacts, buckets: readonly Window[]): Table {
  const { errorRate, requests, latency, poolUsed, poolMax } = facts.curves
  const highest = (curve: Curve | null, bucket: Window) => count(peak(curve, bucket)?.value)
  return {
    columns: [
      { title: 'Incident time', align: 'left' },
      { title: 'Error rate', align: 'right' },
      { title: 'p95, median', align: 'right' },
      { title: 'p95, highest', align: 'right' },
      { title: 'Pool in use, highest', align: 'right' },
      { title: 'Pool size, highest', align: 'right' },
    ],
    rows: buckets.map((bucket) => [
      range(facts, bucket),
      say`${percentage(mean(errorRate, bucket, requests))}`,
      say`${inMs(median(latency, bucket))}`,
      say`${inMs(peak(latency, bucket)?.value)}`,
      say`${highest(poolUsed, bucket)}`,
      say`${highest(poolMax, bucket)}`,
    ]),
  }
}

function databaseTable(facts: ActFacts, buckets: readonly Window[]): Table | null {
  const curves = facts.curves.databaseMs
  if (curves.length === 0) return null
  return {
    columns: [
      { title: 'Incident time', align: 'left' },
      ...curves.map((curve) => ({ title: `Release ${curve.release ?? 'unknown'}`, align: 'right' as const })),
    ],
    rows: buckets.map((bucket) => [
      range(facts, bucket),
      ...curves.map((curve) => {
        const value = median(curve, bucket)
        return value === null ? say`not running` : say`${inMs(value)}`
      }),
    ]),
  }
}

function bucketTables({ own }: Context): PostmortemModel['supporting']['buckets'] {
  const buckets = bucketsOf(own)
  const source = (metric: string, how: string, service: string | null) =>
    fromSeries(own, { metric, service, how: `${how} of each bucket` })
  const { errorRate, latency } = own.curves
  const intro = say`Error rate: mean weighted by requests${source(errorRate?.metric ?? 'client_error_rate_percent', 'mean weighted by requests', null)}. p95: median and highest of the seconds${source(latency?.metric ?? 'client_latency_p95_ms', 'median and highest', null)}. Pool: highest second${source('pool_used', 'highest sum over releases', own.service)}${source('pool_max', 'highest sum over releases', own.service)}.`
  const database = databaseTable(own, buckets)
  const main = { title: 'Errors, latency and pool', intro, table: mainTable(own, buckets) }
  if (database === null) return [main]
  const words = say`Median of the seconds${source('database_ms_per_request', 'median', own.service)}, in the time that a request of that release spent in the database.`
  return [main, { title: 'Database time per request', intro: words, table: database }]
}

function captionOf(chart: ChartSpec, facts: readonly ActFacts[]): Rich {
  const sources = facts.map((act) =>
    fromSeries(act, { metric: metricOf(chart, act), service: null, how: 'every sample', window: wholeAct(act) }),
  )
  return say`${chart.description}${sources}`
}

function metricOf(chart: ChartSpec, facts: ActFacts): string {
  if (chart.id.endsWith('error-rate')) return facts.curves.errorRate?.metric ?? 'client_error_rate_percent'
  if (chart.id.endsWith('latency')) return facts.curves.latency?.metric ?? 'client_latency_p95_ms'
  return chart.id.endsWith('pool') ? 'pool_used' : 'database_ms_per_request'
}

function figuresOf({ own, other }: Context): readonly Figure[] {
  const alone = actCharts(own).map((chart) => ({ title: chart.title, chart, caption: captionOf(chart, [own]) }))
  if (other === null) return alone
  const [unguarded, guarded] = own.result.act === 'unguarded' ? [own, other] : [other, own]
  const both = comparedCharts({ unguarded, guarded })
    .filter((chart) => chart.id.endsWith('error-rate'))
    .map((chart) => ({ title: `${chart.title}: both acts`, chart, caption: captionOf(chart, [unguarded, guarded]) }))
  return [...alone, ...both]
}

function referencesOf({ own, drill }: Context): readonly Statement[] {
  const releases = ofType(own.events, 'release.requested').flatMap((event) =>
    event.data.links.map((href) => say`Release ${event.data.release}: ${link(href, href)}${fromEvent(own, event)}`),
  )
  const notes = ofType(own.events, 'incident.note').flatMap((event) =>
    event.data.links.map((href) => say`${event.data.text}: ${link(href, href)}${fromEvent(own, event)}`),
  )
  const files = joined(
    ['result.json', 'ledger.json', 'series.json', 'report.html'].map((name) => say`${link(name, name)}`),
    ', ',
    ' and ',
  )
  const local = say`Written beside this document by ${code(drill.drill)}: ${files}`
  return [...releases, ...notes, local]
}

/** The section with charts, tables and links. */
export const supportingOf = (context: Context): PostmortemModel['supporting'] => ({
  figures: figuresOf(context),
  buckets: bucketTables(context),
  related: question('Has something like this happened before, and what became of the actions of that time?', [
    say`the ledger of this rehearsal knows no earlier incident`,
  ]),
  references: referencesOf(context),
})
