/** Whom and what it hit, in counts. */
import type { Context } from '../context.ts'
import { combined, median, ofMetric, peak } from '../curves.ts'
import { before, ofType, wholeAct } from '../facts.ts'
import { amount, count, decimal, inMs, inSeconds, percentage } from '../figures.ts'
import type { PostmortemModel, Table } from '../model.ts'
import { byArithmetic, fromEvent, fromResult, fromSeries } from '../refs.ts'
import { code, question, type Rich, type Statement, say, strong } from '../rich.ts'
import { affectedServices } from './front.ts'

/** Minutes of the incident before the deployment that show what is normal. */
const NORMAL_MINUTES = 10

function user({ own }: Context): readonly Statement[] {
  const { failedPayments, delayedPayments, recoveredPayments } = own.result
  const touched = failedPayments + delayedPayments
  const drained = ofType(own.events, 'queue.drained')
  const queue = drained.map(
    (event) =>
      say`${strong('Retry queue')}: ${count(event.data.processed)} processed, ${count(event.data.remaining)} left${fromEvent(own, event)}`,
  )
  return [
    say`${strong('Failed payments')}: ${count(failedPayments)}${fromResult(own, 'failedPayments')}`,
    say`${strong('Delayed payments')}: ${count(delayedPayments)}${fromResult(own, 'delayedPayments')}`,
    say`${strong('Unclear at first')}: ${amount(recoveredPayments, 'payment')} got no answer and later proved to be accepted${fromResult(own, 'recoveredPayments')}`,
    ...queue,
    question('How many people were affected?', [
      say`at most ${amount(touched, 'paying customer')}, one for each failed or delayed payment${byArithmetic('touched-payments', `failedPayments + delayedPayments of result.json = ${failedPayments} + ${delayedPayments} = ${touched}`)}`,
    ]),
    question(
      'How many support tickets came in?',
      ofType(own.events, 'notice.sent')
        .filter((event) => event.data.audience === 'support')
        .map((event) => say`support was told at this point${fromEvent(own, event)}`),
    ),
  ]
}

function business({ own }: Context): readonly Statement[] {
  const { objectivePercent, windowDays, indicator, good, total, availabilityPercent, usedPercent } =
    own.result.errorBudget
  const allowed = ((100 - objectivePercent) / 100) * windowDays * 1440
  const how = byArithmetic(
    'error-budget',
    `(bad of total × minutes of the act) ÷ allowed minutes; allowed = (100 % − ${objectivePercent} %) × ${windowDays} d × 1,440 min = ${decimal(allowed)} min`,
  )
  return [
    say`${strong('Availability')}: ${percentage(availabilityPercent)}${fromResult(own, 'errorBudget.availabilityPercent')} over the act (${count(good)} good of ${count(total)}${fromResult(own, 'errorBudget.good')}${fromResult(own, 'errorBudget.total')}), objective ${percentage(objectivePercent)}${fromResult(own, 'errorBudget.objectivePercent')}. Counted: ${indicator}`,
    say`${strong('Error budget used')}: ${percentage(usedPercent)}${fromResult(own, 'errorBudget.usedPercent')} of what ${count(windowDays)} days allow${how}`,
    question('What did it cost in money?', [
      say`${amount(own.result.failedPayments, 'payment')} failed${fromResult(own, 'failedPayments')}; the ledger holds no amounts`,
    ]),
    question('Was there any effect on reputation?', []),
  ]
}

function technical({ own }: Context): readonly Statement[] {
  const whole = wholeAct(own)
  const database = (metric: string) => {
    const curve = combined(ofMetric(own.curves.all, metric), 'max')
    return {
      highest: peak(curve, whole)?.value ?? null,
      source: fromSeries(own, { metric, service: null, how: 'highest value', window: whole }),
    }
  }
  const [connections, active, locks] = [
    database('connections_used'),
    database('active_statements'),
    database('waiting_locks'),
  ]
  const max = peak(own.curves.poolMax, whole)
  const size =
    max === null
      ? say``
      : say`, of at most ${count(max.value)} that the replicas together could open${fromSeries(own, { metric: 'pool_max', service: own.service, how: 'highest sum over releases', window: whole })}`
  const database1 = (name: string, what: ReturnType<typeof database>): readonly Rich[] =>
    what.highest === null ? [] : [say`${strong(name)}: up to ${count(what.highest)}${what.source}`]
  return [
    say`${strong('Pool')}: up to ${amount(own.result.peakPoolConnections, 'connection')} in use${fromResult(own, 'peakPoolConnections')}${size}`,
    say`${strong('Longest statement')}: ${inSeconds(own.result.longestQuerySeconds, 'not measured')}${fromResult(own, 'longestQuerySeconds')}`,
    say`${strong('Latency over the act')}: median ${inMs(own.result.latencyMs.p50)}${fromResult(own, 'latencyMs.p50')}, p95 ${inMs(own.result.latencyMs.p95)}${fromResult(own, 'latencyMs.p95')}, p99 ${inMs(own.result.latencyMs.p99)}${fromResult(own, 'latencyMs.p99')}`,
    ...database1('Connections to the database', connections),
    ...database1('Active statements', active),
    ...database1('Sessions waiting for a lock', locks),
    say`${strong('Not measured')}: CPU and disk of the database machine`,
  ]
}

function services(context: Context): Table {
  const { own } = context
  const normal = before(own, own.zero, NORMAL_MINUTES)
  return {
    columns: [
      { title: 'Service', align: 'left' },
      { title: 'p95 before', align: 'right' },
      { title: 'Highest p95', align: 'right' },
      { title: 'Highest error rate', align: 'right' },
    ],
    rows: affectedServices(context).map(({ name, peakError, peakP95 }) => {
      const source = (metric: string) =>
        fromSeries(own, { metric, service: name, how: 'highest value of any release', window: wholeAct(own) })
      const quiet = median(
        combined(
          own.curves.all.filter((curve) => curve.service === name && curve.metric === 'latency_p95_ms'),
          'max',
        ),
        normal,
      )
      return [
        say`${code(name)}`,
        quiet === null
          ? say`not measured`
          : say`${inMs(quiet)}${fromSeries(own, { metric: 'latency_p95_ms', service: name, how: 'median', window: normal })}`,
        say`${inMs(peakP95)}${source('latency_p95_ms')}`,
        say`${percentage(peakError)}${source('error_rate_percent')}`,
      ]
    }),
  }
}

/** The section on impact. */
export const impactOf = (context: Context): PostmortemModel['impact'] => ({
  user: user(context),
  business: business(context),
  technical: technical(context),
  services: services(context),
})
