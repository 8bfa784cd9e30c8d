/** Title, front block and summary. */
import type { Context } from '../context.ts'
import { peak } from '../curves.ts'
import { type ActFacts, ofType, wholeAct } from '../facts.ts'
import { amount, count, decimal, inSeconds, NOT_REACHED, percentage, span, timeOfDay } from '../figures.ts'
import { ERROR_RATE_LIMIT } from '../guards.ts'
import type { Field } from '../model.ts'
import { byArithmetic, fromEvent, fromResult, fromSeries } from '../refs.ts'
import { code, joined, type Question, question, type Rich, type Statement, say, strong } from '../rich.ts'

/** A service counts as affected from this p95 on, or above ERROR_RATE_LIMIT; both during the impact. */
const AFFECTED_P95_MS = 1000

/** A service that was out of order; error rate in percent, p95 in milliseconds. */
export interface AffectedService {
  readonly name: string
  readonly peakError: number | null
  readonly peakP95: number | null
  readonly said: Rich
}

/**
 * Services whose own error rate or latency was out of order after the deployment; the released one first, which also
 * counts when payments failed or were delayed.
 */
export function affectedServices({ own }: Context): readonly AffectedService[] {
  const names = [...new Set(own.curves.all.map((curve) => curve.service))]
  const found = names.flatMap((service): readonly AffectedService[] => {
    if (service === null) return []
    const highest = (metric: string) =>
      own.curves.all
        .filter((curve) => curve.service === service && curve.metric === metric)
        .map((curve) => peak(curve, wholeAct(own))?.value ?? 0)
        .reduce<number | null>((best, value) => Math.max(best ?? 0, value), null)
    const [peakError, peakP95] = [highest('error_rate_percent'), highest('latency_p95_ms')]
    const hurt = service === own.service && own.result.failedPayments + own.result.delayedPayments > 0
    if (!hurt && (peakError ?? 0) <= ERROR_RATE_LIMIT && (peakP95 ?? 0) < AFFECTED_P95_MS) return []
    const source = (metric: string) =>
      fromSeries(own, { metric, service, how: 'highest value of any release', window: wholeAct(own) })
    const role = service === own.service ? 'the released service' : 'through its calls'
    const said = say`${service} (${role}; error rate up to ${percentage(peakError)}${source('error_rate_percent')}, p95 up to ${decimal(peakP95, 0)} ms${source('latency_p95_ms')})`
    return [{ name: service, peakError, peakP95, said }]
  })
  return found.sort(
    (a, b) => Number(b.name === own.service) - Number(a.name === own.service) || (a.name < b.name ? -1 : 1),
  )
}

/** The heading: what the people called it, else what the facts call it. */
export function titleOf({ own }: Context): string {
  const because = own.cause?.data.index ?? null
  const release = own.release === null ? '' : ` ${own.release}`
  if (own.deploy === null) return own.opened?.data.title ?? `${own.service}: incident`
  if (own.deploy.data.automaticRollback && own.decision !== null)
    return `${own.service} release${release} rolled back automatically`
  if (because !== null) return `${own.service} degraded by release${release}, which dropped ${because.name}`
  return `${own.service} degraded by release${release}`
}

const affectedText = (context: Context): Statement => {
  const services = affectedServices(context)
  if (services.length === 0)
    return say`none: no service passed an error rate of ${percentage(ERROR_RATE_LIMIT)} or a p95 of ${count(AFFECTED_P95_MS)} ms${byArithmetic('affected-limits', 'the limits from which a service counts as affected in this document')}`
  return joined(
    services.map((service) => service.said),
    '; ',
  )
}

/** From the opening to the resolution; of alerts that opened no incident, from the first to the end of the last. */
function incidentSpan(own: ActFacts): Rich {
  const start = own.opened ?? own.alert
  if (start === null) return say`no incident was opened and no alert fired`
  const what = own.opened === null ? say`no incident was opened; alerts fired for ` : []
  const from = `${timeOfDay(own.clock, start.at)}`
  const end = own.closed
  if (end === null) {
    const open = own.opened === null ? 'no incident was opened; an alert has been firing since' : 'open since'
    return say`${open} ${from}${fromEvent(own, start)}; the record has no ${own.opened === null ? 'end of it' : 'resolution'}`
  }
  return say`${what}${span(own.clock, (end.at - start.at) / 1000)}, from ${from}${fromEvent(own, start)} to ${timeOfDay(own.clock, end.at)}${fromEvent(own, end)}`
}

function durations({ own }: Context): readonly Field[] {
  const incident = incidentSpan(own)
  const impact =
    own.firstBadAt === null
      ? say`no request was bad after the deployment${fromResult(own, 'firstBadRequestAt')}`
      : own.recoveredAt === null
        ? say`from ${timeOfDay(own.clock, own.firstBadAt)}${fromResult(own, 'firstBadRequestAt')}; recovery ${NOT_REACHED} in this record${fromResult(own, 'secondsToRecovery')}`
        : say`${span(own.clock, own.result.secondsToRecovery)}, from the first bad request at ${timeOfDay(own.clock, own.firstBadAt)}${fromResult(own, 'firstBadRequestAt')} to ${timeOfDay(own.clock, own.recoveredAt)}${fromResult(own, 'secondsToRecovery')}`
  return [
    { label: 'Duration of the incident', value: incident },
    { label: 'Duration of the impact', value: impact },
  ]
}

function authors({ own }: Context): Question {
  const roles = ofType(own.events, 'incident.role-assigned')
  return question(
    'Who wrote this document?',
    roles.map((event) => say`${event.data.to} acted as ${event.data.role}${fromEvent(own, event)}`),
  )
}

/** The block under the title. */
export function frontOf(context: Context): readonly Field[] {
  const { own, drill } = context
  const severity = ofType(own.events, 'incident.severity-set')
  const last = severity[severity.length - 1]
  const started = byArithmetic(
    'drill-run',
    `${drill.drill} of scenario ${drill.scenario}, started ${drill.startedAt}, seed ${drill.seed}, ${count(drill.rows)} payments`,
  )
  return [
    {
      label: 'Date',
      value: say`${own.clock.scenarioStart.slice(0, 10)} (the rehearsed incident; rehearsed on ${drill.startedAt.slice(0, 10)}${started})`,
    },
    { label: 'Authors', value: authors(context) },
    { label: 'Status', value: say`Draft, written from the ledger; not reviewed` },
    {
      label: 'Severity',
      value:
        last === undefined
          ? question('Which severity was it?', own.opened === null ? [say`no incident was opened`] : [])
          : say`${last.data.severity}${fromEvent(own, last)}`,
    },
    ...durations(context),
    { label: 'Services Affected', value: affectedText(context) },
  ]
}

/** How times and sources are to be read. */
export function aboutOf({ own }: Context): Rich {
  const pace = decimal(own.clock.pace / 1000, 2)
  return say`Times are the incident's own (UTC); in this rehearsal one of its minutes lasted ${pace} s${byArithmetic('pace', `paceMs in result.json: ${own.clock.pace}`)}. Offsets such as ${code('+12.5 s')} are real time since the release was requested. Small numbers lead to the source of each figure. Where only people can answer, the document asks.`
}

function whatHappened({ own }: Context): Rich {
  const { deploy, result } = own
  const start =
    deploy === null
      ? say`The record has no release.`
      : say`Release ${strong(deploy.data.release)} of ${own.service} was requested at ${timeOfDay(own.clock, deploy.at)}${fromEvent(own, deploy)}.`
  const bad =
    own.firstBadAt === null
      ? say` No request was bad afterwards${fromResult(own, 'firstBadRequestAt')}.`
      : say` The first bad request came at ${timeOfDay(own.clock, own.firstBadAt)}${fromResult(own, 'firstBadRequestAt')}.`
  const { good, total, availabilityPercent } = result.errorBudget
  const counts = say` Over the act ${strong(amount(result.failedPayments, 'payment'))} failed${fromResult(own, 'failedPayments')} and ${strong(count(result.delayedPayments))} were delayed${fromResult(own, 'delayedPayments')}; availability was ${percentage(availabilityPercent)}${fromResult(own, 'errorBudget.availabilityPercent')} (${count(good)} good of ${count(total)}${fromResult(own, 'errorBudget.total')}) and the error rate peaked at ${percentage(result.peakErrorRatePercent)}${fromResult(own, 'peakErrorRatePercent')}.`
  return [...start, ...bad, ...counts]
}

const healthy = (act: ActFacts): Rich =>
  act.result.secondsToRecovery === null
    ? say`the service did not become healthy again within the record${fromResult(act, 'secondsToRecovery')}`
    : say`the service was healthy again ${inSeconds(act.result.secondsToRecovery)} after the first bad request${fromResult(act, 'secondsToRecovery')}`

function causeAndEnd(context: Context): readonly Statement[] {
  const { own, attempts } = context
  const named = own.cause ?? own.rootFinding
  const why: Statement =
    named === null
      ? question('What caused it? Neither the diagnosis nor a person named a cause in this record.')
      : say`The cause${own.cause === null ? ', as people found it' : ''}: ${(own.cause?.data.summary ?? own.rootFinding?.data.text ?? '').replace(/[.\s]+$/, '')}${fromEvent(own, named)}.`
  const { decision, result } = own
  const tried = attempts.filter((attempt) => decision === null || attempt.started.at < decision.at)
  const before =
    tried.length === 0
      ? []
      : say` after ${amount(tried.length, 'other mitigation')}${tried.map((attempt) => fromEvent(own, attempt.started))}`
  const end: Rich =
    decision === null
      ? say`No rollback was decided in this record${fromResult(own, 'secondsToRollbackDecision')}.`
      : say`The rollback was decided ${own.deploy?.data.automaticRollback === true ? 'by the release guard' : 'by people'} ${inSeconds(result.secondsToRollbackDecision)} after the first bad request${fromResult(own, 'secondsToRollbackDecision')}${fromEvent(own, decision)}${before}; ${healthy(own)}.`
  return [why, end]
}

function payments({ own, other }: Context): readonly Rich[] {
  const { reconciliation } = own
  const safe =
    reconciliation === null
      ? [say`The record has no reconciliation of the payments.`]
      : [
          say`Reconciliation: of ${count(reconciliation.data.told)} payments promised to a client ${count(reconciliation.data.lost)} were lost and ${count(reconciliation.data.double)} paid twice${fromEvent(own, reconciliation)}.`,
        ]
  if (other === null) return safe
  const guarded = other.result.act === 'guarded' ? 'guarded by premortem' : 'as it happened in 2024'
  return [
    ...safe,
    say`The same release was also run ${guarded}: there ${amount(other.result.failedPayments, 'payment')} failed${fromResult(other, 'failedPayments')} and ${healthy(other)}.`,
  ]
}

/** The paragraphs that a reader in a hurry reads. */
export const summaryOf = (context: Context): readonly Statement[] => [
  whatHappened(context),
  ...causeAndEnd(context),
  ...payments(context),
]
