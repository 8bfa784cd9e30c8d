/** The charts of a document and of the report, made from the curves and the marked events of the acts. */
import type { EpochMs } from '../../base/time.ts'
import type { ChartLine, ChartMarker, ChartSpec, ChartTick, Tone } from './chart.ts'
import { type Curve, peak } from './curves.ts'
import { type ActFacts, ofType, wholeAct } from './facts.ts'
import { decimal, timeOfDay } from './figures.ts'
import { phaseRanges } from './phases.ts'

const WIDTH = 1000
const PLOT_HEIGHT = 230
/** Minutes of the incident shown before the deployment. */
const LEAD_MINUTES = 10
/** A pause of more than this many seconds between two samples is drawn as a gap. */
const GAP_SECONDS = 4
const MAX_TICKS = 14
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 240]

const minutesFrom = (facts: ActFacts, at: EpochMs): number => (at - facts.zero) / facts.clock.pace

interface Range {
  readonly min: number
  readonly max: number
}

/** Ends with the last sample or event, whichever is later. */
function rangeOf(acts: readonly ActFacts[]): Range {
  const max = Math.max(5, ...acts.map((facts) => minutesFrom(facts, facts.end)))
  return { min: -LEAD_MINUTES, max: Math.ceil(max) }
}

/** Round times of day, as many as fit. */
function ticksOf(facts: ActFacts, range: Range): readonly ChartTick[] {
  const step = STEPS.find((size) => (range.max - range.min) / size <= MAX_TICKS) ?? 480
  const zeroMinute = (Date.parse(facts.clock.scenarioStart) + minutesAtZero(facts) * 60_000) / 60_000
  const ticks: ChartTick[] = []
  for (
    let minute = Math.ceil((zeroMinute + range.min) / step) * step;
    minute <= zeroMinute + range.max;
    minute += step
  ) {
    ticks.push({ x: minute - zeroMinute, label: new Date(minute * 60_000).toISOString().slice(11, 16) })
  }
  return ticks
}

const minutesAtZero = (facts: ActFacts): number => (facts.zero - facts.clock.startedAt) / facts.clock.pace

function axis(facts: ActFacts, range: Range): ChartSpec['x'] {
  const here = decimal(facts.clock.pace / 1000, 2)
  return { title: `incident time, UTC (1 min lasted ${here} s in the drill)`, ...range, ticks: ticksOf(facts, range) }
}

/** Lines as points; `floor` lifts what a log axis cannot show. */
function lineOf(
  facts: ActFacts,
  curve: Curve,
  look: Omit<ChartLine, 'points'> & { readonly range: Range; readonly floor?: number },
): ChartLine {
  const points: (readonly [number, number | null])[] = []
  let before: EpochMs | null = null
  for (const sample of curve.samples) {
    const x = minutesFrom(facts, sample.at)
    if (x < look.range.min || x > look.range.max) continue
    if (before !== null && sample.at - before > GAP_SECONDS * 1000)
      points.push([minutesFrom(facts, before) + 0.001, null])
    points.push([x, Math.max(look.floor ?? sample.value, sample.value)])
    before = sample.at
  }
  return { name: look.name, tone: look.tone, style: look.style, dashed: look.dashed, points }
}

const top = (lines: readonly ChartLine[], atLeast: number): number =>
  Math.max(atLeast, ...lines.flatMap((line) => line.points.map(([, y]) => y ?? 0)))

/** The next of 1, 2, 5 × a power of ten: axes end at round numbers. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= value) ?? 10) * power
}

const decade = (value: number): number => 10 ** Math.ceil(Math.log10(value))

/** Makes markers of one act and one tone; what never happened is not marked. */
const marking =
  (facts: ActFacts, tone: Tone) =>
  (at: EpochMs | null | undefined, label: string): readonly ChartMarker[] =>
    at === null || at === undefined ? [] : [{ x: minutesFrom(facts, at), label, tone }]

/** What is marked in the charts of one act. */
function markersOf(facts: ActFacts): readonly ChartMarker[] {
  const { events, deploy } = facts
  const mark = marking(facts, facts.result.act)
  const markFix = marking(facts, 'fixed')
  return [
    ...marking(facts, 'bad')(deploy?.at, `release ${deploy?.data.release ?? ''}`),
    ...mark(facts.alert?.at, 'first alert'),
    ...mark(facts.cause?.at ?? facts.rootFinding?.at, 'cause named'),
    ...ofType(events, 'attempt.started').flatMap((event) => mark(event.at, `attempt ${event.data.attempt}`)),
    ...mark(facts.decision?.at, 'rollback decided'),
    ...mark(facts.recoveredAt, 'recovered'),
    ...ofType(events, 'release.requested')
      .filter((event) => event !== deploy)
      .flatMap((event) => markFix(event.at, `release ${event.data.release}`)),
    ...ofType(events, 'queue.drained').flatMap((event) => mark(event.at, 'queue drained')),
    ...mark(facts.resolved?.at, 'resolved'),
  ]
}

/** The few marks that carry the comparison of both acts. */
function comparedMarkers(unguarded: ActFacts, guarded: ActFacts): readonly ChartMarker[] {
  const { deploy, decision } = unguarded
  const one = marking(unguarded, 'unguarded')
  const two = marking(guarded, 'guarded')
  const attempts = ofType(unguarded.events, 'attempt.started').filter(
    (event) => decision === null || event.at < decision.at,
  )
  return [
    ...marking(unguarded, 'bad')(deploy?.at, `release ${deploy?.data.release ?? ''}, both acts`),
    ...two(guarded.decision?.at, 'guarded: rollback'),
    ...two(guarded.recoveredAt, 'guarded: recovered'),
    ...one(unguarded.alert?.at, 'first alert'),
    ...attempts.flatMap((event) => one(event.at, `attempt ${event.data.attempt}`)),
    ...one(decision?.at, 'rollback'),
    ...one(unguarded.recoveredAt, 'recovered'),
  ]
}

function bandsOf(facts: ActFacts): ChartSpec['bands'] {
  const names = {
    detection: 'detection',
    investigation: 'investigation',
    mitigation: 'mitigation',
    recovery: 'recovery',
  }
  return phaseRanges(facts).flatMap(({ id, range }) => {
    const label = new Map(Object.entries(names)).get(id)
    if (range === null || label === undefined) return []
    return [{ from: minutesFrom(facts, range.from), to: minutesFrom(facts, range.to), label }]
  })
}

interface Part {
  readonly facts: ActFacts
  readonly curve: Curve | null
  readonly name: string
  readonly tone: Tone
  readonly dashed?: boolean
}

interface Kind {
  readonly id: string
  readonly title: string
  readonly y: string
  readonly scale: 'linear' | 'log'
  readonly style: 'line' | 'step'
  readonly thresholds: ChartSpec['thresholds']
  /** The axis reaches at least here. */
  readonly atLeast: number
  /** Where a log axis starts. */
  readonly floor: number
  parts(facts: ActFacts, alone: boolean): readonly Part[]
}

const actName = (facts: ActFacts): string => (facts.result.act === 'unguarded' ? 'as it happened' : 'guarded')

function databaseParts(facts: ActFacts, alone: boolean): readonly Part[] {
  const former = facts.deploy?.data.previous
  const bad = facts.release
  return facts.curves.databaseMs.flatMap((curve) => {
    if (!alone && curve.release !== bad && curve.release !== former) return []
    const role: Tone = curve.release === bad ? 'bad' : curve.release === former ? 'former' : 'fixed'
    const name = alone ? `release ${curve.release}` : `${curve.release}, ${actName(facts)}`
    return [{ facts, curve, name, tone: alone ? role : facts.result.act, dashed: !alone && role === 'former' }]
  })
}

const KINDS: readonly Kind[] = [
  {
    id: 'error-rate',
    title: 'Error rate, counted by the clients',
    y: 'failed requests, %',
    scale: 'linear',
    style: 'line',
    thresholds: [{ value: 5, label: 'alert above 5 %' }],
    atLeast: 10,
    floor: 0,
    parts: (facts) => [{ facts, curve: facts.curves.errorRate, name: actName(facts), tone: facts.result.act }],
  },
  {
    id: 'latency',
    title: 'Latency, 95th percentile, counted by the clients',
    y: 'p95 in ms, log scale',
    scale: 'log',
    style: 'line',
    thresholds: [{ value: 200, label: 'objective 200 ms' }],
    atLeast: 1000,
    floor: 1,
    parts: (facts) => [{ facts, curve: facts.curves.latency, name: actName(facts), tone: facts.result.act }],
  },
  {
    id: 'pool',
    title: 'Connection pool of the service, all replicas',
    y: 'connections',
    scale: 'linear',
    style: 'step',
    thresholds: [],
    atLeast: 10,
    floor: 0,
    parts: (facts, alone) => [
      {
        facts,
        curve: facts.curves.poolUsed,
        name: alone ? 'in use' : `in use, ${actName(facts)}`,
        tone: facts.result.act,
      },
      {
        facts,
        curve: facts.curves.poolMax,
        name: alone ? 'size' : `size, ${actName(facts)}`,
        tone: facts.result.act,
        dashed: true,
      },
    ],
  },
  {
    id: 'database-time',
    title: 'Database time per request, by release',
    y: 'ms per request, log scale',
    scale: 'log',
    style: 'line',
    thresholds: [],
    atLeast: 100,
    floor: 0.1,
    parts: databaseParts,
  },
]

function describeChart(kind: Kind, parts: readonly Part[]): string {
  const said = parts.flatMap(({ facts, curve, name }) => {
    const highest = peak(curve, wholeAct(facts))
    if (highest === null) return []
    return [`${name}: highest ${decimal(highest.value)} at ${timeOfDay(facts.clock, highest.at)}`]
  })
  return `${kind.title}. Unit: ${kind.y}. ${said.length === 0 ? 'Nothing was measured' : said.join('; ')}.`
}

function specOf(kind: Kind, acts: readonly ActFacts[], prefix: string): ChartSpec | null {
  const first = acts[0]
  const alone = acts.length === 1
  const parts = acts.flatMap((facts) => kind.parts(facts, alone))
  if (first === undefined || parts.every((part) => part.curve === null || part.curve.samples.length === 0)) return null
  const range = rangeOf(acts)
  const log = kind.scale === 'log'
  const lines = parts.flatMap(({ facts, curve, name, tone, dashed }) =>
    curve === null
      ? []
      : [
          lineOf(facts, curve, {
            name,
            tone,
            style: kind.style,
            dashed: dashed ?? false,
            range,
            ...(log ? { floor: kind.floor } : {}),
          }),
        ],
  )
  const highest = top(lines, kind.atLeast)
  const other = acts[1]
  return {
    id: `${prefix}-${kind.id}`,
    title: kind.title,
    description: describeChart(kind, parts),
    width: WIDTH,
    plotHeight: PLOT_HEIGHT,
    x: axis(first, range),
    y: { title: kind.y, scale: kind.scale, min: kind.floor, max: log ? decade(highest) : roundUp(highest) },
    lines,
    thresholds: kind.thresholds,
    bands: alone ? bandsOf(first) : [],
    markers: other === undefined ? markersOf(first) : comparedMarkers(first, other),
  }
}

const present = (spec: ChartSpec | null): readonly ChartSpec[] => (spec === null ? [] : [spec])

/** The curves of one act with its phases: `<act>-error-rate`, `-latency`, `-pool`, `-database-time`; those measured. */
export const actCharts = (facts: ActFacts): readonly ChartSpec[] =>
  KINDS.flatMap((kind) => present(specOf(kind, [facts], facts.result.act)))

/** The curves of both acts over each other, aligned at their deployments: `both-error-rate`, … */
export const comparedCharts = (acts: {
  readonly unguarded: ActFacts
  readonly guarded: ActFacts
}): readonly ChartSpec[] => KINDS.flatMap((kind) => present(specOf(kind, [acts.unguarded, acts.guarded], 'both')))
