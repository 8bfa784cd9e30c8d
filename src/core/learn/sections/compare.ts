/** Which guard would have spoken when, what really spoke, and both acts side by side. */

import type { Context } from '../context.ts'
import { type Curve, combined, peak } from '../curves.ts'
import { type ActFacts, type EventOf, ofType, wholeAct } from '../facts.ts'
import { count, decimal, inMs, inSeconds, NOT_REACHED, percentage, timeOfDay } from '../figures.ts'
import type { Replay } from '../guards.ts'
import type { GuardComparison, Table } from '../model.ts'
import { byArithmetic, fromEvent, fromResult, fromSeries } from '../refs.ts'
import { code, type Rich, say } from '../rich.ts'

const REPLAY = byArithmetic(
  'guard-replay',
  'each rule applied to the curves in series.json, sample by sample, from the deployment on; database time as the mean of the last 5 s, weighted by requests',
)

const ACTS = { unguarded: 'as it happened', guarded: 'guarded' } as const

function lead(at: Replay['at'], event: { readonly at: ActFacts['zero'] } | null): Rich {
  if (at === null || event === null) return say`–`
  const seconds = (event.at - at) / 1000
  if (Math.abs(seconds) < 0.05) return say`at the same time`
  return seconds >= 0 ? say`${inSeconds(seconds)} earlier` : say`${inSeconds(-seconds)} later`
}

function replayRow({ own }: Context, replay: Replay): readonly Rich[] {
  const { guard, limit, at, measured } = replay
  const how = `${guard.over}first time above ${decimal(limit)} for ${guard.sustainedMinutes} min of incident time, from the deployment on`
  const source = measured ? fromSeries(own, { metric: guard.metric, service: null, how }) : REPLAY
  const spoken = !measured ? say`not measured` : at === null ? say`never` : say`${timeOfDay(own.clock, at)}`
  return [
    say`${guard.rule}${source}`,
    say`${guard.leading ? 'leading' : 'lagging'}`,
    spoken,
    lead(at, own.alert),
    lead(at, own.decision),
  ]
}

function replayed(context: Context): Table {
  return {
    columns: [
      { title: 'Guard', align: 'left' },
      { title: 'Kind', align: 'left' },
      { title: 'Would have spoken', align: 'right' },
      { title: 'Against the first alert', align: 'right' },
      { title: 'Against the rollback decision', align: 'right' },
    ],
    rows: context.replays.map((replay) => replayRow(context, replay)),
  }
}

function firstFiring(facts: ActFacts | null, rule: string): Rich {
  if (facts === null) return say`–`
  const event = ofType(facts.events, 'alert.fired').find((fired) => fired.data.rule === rule)
  if (event === undefined) return say`did not fire`
  return say`${timeOfDay(facts.clock, event.at)}, ${inSeconds((event.at - facts.zero) / 1000)} after the deployment${fromEvent(facts, event)}`
}

function fired({ own, other }: Context): Table {
  const alerts = [own, ...(other === null ? [] : [other])].flatMap((facts): readonly EventOf<'alert.fired'>[] =>
    ofType(facts.events, 'alert.fired'),
  )
  const rules = [...new Set(alerts.map((event) => event.data.rule))].sort()
  return {
    columns: [
      { title: 'Alert rule', align: 'left' },
      { title: `First fired, ${ACTS[own.result.act]}`, align: 'left' },
      ...(other === null ? [] : [{ title: `First fired, ${ACTS[other.result.act]}`, align: 'left' as const }]),
    ],
    rows: rules.map((rule) => [
      say`${code(rule)}`,
      firstFiring(own, rule),
      ...(other === null ? [] : [firstFiring(other, rule)]),
    ]),
  }
}

type Measure = readonly [name: string, of: (facts: ActFacts) => Rich]

const seconds =
  (
    path:
      | 'secondsToAlert'
      | 'secondsToCause'
      | 'secondsToRollbackDecision'
      | 'secondsToRecovery'
      | 'secondsFromDecisionToHealthyLatency',
  ): Measure[1] =>
  (facts) =>
    say`${inSeconds(facts.result[path], NOT_REACHED)}${fromResult(facts, path)}`

const counted =
  (
    path: 'failedPayments' | 'delayedPayments' | 'lostPayments' | 'doublePayments' | 'peakPoolConnections',
  ): Measure[1] =>
  (facts) =>
    say`${count(facts.result[path])}${fromResult(facts, path)}`

const MEASURES: readonly Measure[] = [
  ['First bad request to first alert', seconds('secondsToAlert')],
  ['… to the cause', seconds('secondsToCause')],
  ['… to the rollback decision', seconds('secondsToRollbackDecision')],
  ['… to recovery', seconds('secondsToRecovery')],
  ['Decision to healthy latency', seconds('secondsFromDecisionToHealthyLatency')],
  ['Failed payments', counted('failedPayments')],
  ['Delayed payments', counted('delayedPayments')],
  ['Lost payments', counted('lostPayments')],
  ['Payments paid twice', counted('doublePayments')],
  [
    'Peak error rate',
    (facts) => say`${percentage(facts.result.peakErrorRatePercent)}${fromResult(facts, 'peakErrorRatePercent')}`,
  ],
  ['Peak pool connections', counted('peakPoolConnections')],
  [
    'Latency p95 over the act',
    (facts) => say`${inMs(facts.result.latencyMs.p95)}${fromResult(facts, 'latencyMs.p95')}`,
  ],
  [
    'Longest statement',
    (facts) => say`${inSeconds(facts.result.longestQuerySeconds)}${fromResult(facts, 'longestQuerySeconds')}`,
  ],
  [
    'Error budget used',
    (facts) => say`${percentage(facts.result.errorBudget.usedPercent)}${fromResult(facts, 'errorBudget.usedPercent')}`,
  ],
  ['Database time per request of the release, highest', databaseTime],
]

function databaseTime(facts: ActFacts): Rich {
  const own = facts.curves.databaseMs.filter((curve): curve is Curve => curve.release === facts.release)
  const highest = peak(combined(own, 'max'), wholeAct(facts))
  if (highest === null) return say`not measured`
  return say`${inMs(highest.value)}${fromSeries(facts, { metric: 'database_ms_per_request', service: facts.service, release: facts.release, how: 'highest value', window: wholeAct(facts) })}`
}

function acts({ own, other }: Context): Table | null {
  if (other === null) return null
  return {
    columns: [
      { title: 'Measure', align: 'left' },
      { title: `This act (${ACTS[own.result.act]})`, align: 'right' },
      { title: `The other act (${ACTS[other.result.act]})`, align: 'right' },
    ],
    rows: MEASURES.map(([name, of]) => [say`${name}`, of(own), of(other)]),
  }
}

/** The section on guards. */
export function guardsOf(context: Context): GuardComparison {
  return {
    intro: say`The standard guards, run afterwards over the curves of this act${REPLAY}: what each would have said if somebody had been listening, and how much earlier than what did happen.`,
    replayed: replayed(context),
    fired: fired(context),
    acts: acts(context),
  }
}
