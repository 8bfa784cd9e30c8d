/** What worked, with the numbers that show it. */
import { type Curve, within } from '../curves.ts'
import { type ActFacts, ofType } from '../facts.ts'
import { amount, count, incidentMinutes, inSeconds, percentage, span } from '../figures.ts'
import { byArithmetic, fromEvent, fromResult, fromSeries } from '../refs.ts'
import { say } from '../rich.ts'
import type { Finding, FindingRule } from './finding.ts'

/** Minutes of the incident within which an alert counts as quick. */
const QUICK_ALERT_MINUTES = 5
/** Minutes of the incident within which taking on an incident counts as quick. */
const QUICK_ANSWER_MINUTES = 5
/** Minutes of the incident within which naming the cause counts as quick. */
export const QUICK_CAUSE_MINUTES = 10

const well = (id: string, title: string, lines: Finding['lines']): Finding => ({ id, place: 'well', title, lines })

const quickAlert: FindingRule = ({ own }) => {
  const { alert, result } = own
  if (alert === null || result.secondsToAlert === null) return null
  if (incidentMinutes(own.clock, result.secondsToAlert) > QUICK_ALERT_MINUTES) return null
  return well('quick-alert', 'The first alert came quickly', [
    say`${span(own.clock, result.secondsToAlert)} after the first bad request${fromResult(own, 'secondsToAlert')}${fromEvent(own, alert)}.`,
  ])
}

const quickAnswer: FindingRule = ({ own }) => {
  const { acknowledged, alert } = own
  if (acknowledged === null || alert === null) return null
  const waited = (acknowledged.at - alert.at) / 1000
  const roles = ofType(own.events, 'incident.role-assigned')
  const assigned =
    roles.length === 0
      ? []
      : [say`${amount(roles.length, 'role')} assigned by name${roles.map((event) => fromEvent(own, event))}.`]
  if (waited < 0 || incidentMinutes(own.clock, waited) > QUICK_ANSWER_MINUTES) return null
  return well('quick-answer', 'Somebody was on it at once', [
    say`The incident was taken on ${span(own.clock, waited)} after the first alert${fromEvent(own, acknowledged)}${fromEvent(own, alert)}.`,
    ...assigned,
  ])
}

const causeByMachine: FindingRule = ({ own }) => {
  const { cause, result } = own
  if (cause === null || result.secondsToCause === null) return null
  if (incidentMinutes(own.clock, result.secondsToCause) > QUICK_CAUSE_MINUTES) return null
  return well('cause-named', 'The cause was named with its evidence', [
    say`${inSeconds(result.secondsToCause)} after the first bad request${fromResult(own, 'secondsToCause')} the ledger held the release, the statement and its plan${fromEvent(own, cause)}.`,
  ])
}

const automatic: FindingRule = ({ own }) => {
  const { decision, deploy, result } = own
  if (
    decision === null ||
    deploy === null ||
    !deploy.data.automaticRollback ||
    decision.type !== 'release.rollback-decided'
  )
    return null
  return well('automatic-rollback', 'The rollback did not wait for anybody', [
    say`Decided ${inSeconds(result.secondsToRollbackDecision)} after the first bad request${fromResult(own, 'secondsToRollbackDecision')}, with its numbers on record${fromEvent(own, decision)}.`,
  ])
}

const rollbackHelped: FindingRule = ({ own }) => {
  const { decision, rolledBack, result } = own
  if (decision === null || rolledBack === null || result.secondsFromDecisionToHealthyLatency === null) return null
  const took = (rolledBack.at - decision.at) / 1000
  return well('rollback-helped', 'Rolling back ended the trouble', [
    say`All traffic was back on ${rolledBack.data.to} ${inSeconds(took)} after the decision${fromEvent(own, decision)}${fromEvent(own, rolledBack)}.`,
    say`Latency stayed within its objective from ${inSeconds(result.secondsFromDecisionToHealthyLatency)} after the decision on${fromResult(own, 'secondsFromDecisionToHealthyLatency')}.`,
  ])
}

const nothingLost: FindingRule = ({ own }) => {
  const { reconciliation } = own
  if (reconciliation === null || reconciliation.data.lost > 0 || reconciliation.data.double > 0) return null
  const { told, lost, double } = reconciliation.data
  return well('nothing-lost', 'No promised payment was lost or paid twice', [
    say`${count(told)} payments had been promised to a client; ${count(lost)} were lost and ${count(double)} were paid twice${fromEvent(own, reconciliation)}.`,
  ])
}

const drained: FindingRule = ({ own }) => {
  const events = ofType(own.events, 'queue.drained').filter((event) => event.data.remaining === 0)
  const event = events[events.length - 1]
  if (event === undefined || event.data.processed === 0) return null
  return well('queue-drained', 'What had waited was worked off', [
    say`${count(event.data.processed)} payments left the retry queue and ${count(event.data.remaining)} stayed behind${fromEvent(own, event)}.`,
  ])
}

const total = (curve: Curve, window: { from: ActFacts['zero']; to: ActFacts['zero'] }): number =>
  within(curve, window).reduce((sum, sample) => sum + sample.value, 0)

const limitedExposure: FindingRule = ({ own }) => {
  const { deploy, rolledBack } = own
  if (deploy === null || rolledBack === null || deploy.data.steps.length < 2) return null
  const window = { from: deploy.at, to: rolledBack.at }
  const rates = own.curves.all.filter((curve) => curve.metric === 'request_rate' && curve.service === own.service)
  const all = rates.reduce((sum, curve) => sum + total(curve, window), 0)
  const bad = rates
    .filter((curve) => curve.release === own.release)
    .reduce((sum, curve) => sum + total(curve, window), 0)
  if (all === 0 || bad === all) return null
  const source = fromSeries(own, {
    metric: 'request_rate',
    service: own.service,
    how: 'share of the release in the sum over releases',
    window,
  })
  return well('limited-exposure', 'Most traffic never met the release', [
    say`Between its request and its rollback, release ${deploy.data.release} served ${percentage((bad / all) * 100)} of the requests${source}.`,
  ])
}

const lesserHarm: FindingRule = ({ own, other }) => {
  if (other === null) return null
  const [mine, theirs] = [own.result.failedPayments, other.result.failedPayments]
  if (mine >= theirs) return null
  return well('lesser-harm', 'Far fewer payments failed than without these guards', [
    say`${amount(mine, 'payment')} failed${fromResult(own, 'failedPayments')}, against ${count(theirs)} in the ${other.result.act} act${fromResult(other, 'failedPayments')}: ${percentage((mine / theirs) * 100)} of them${byArithmetic('failed-share-of-other-act', `${mine} of ${theirs}`)}.`,
  ])
}

export const WELL: readonly FindingRule[] = [
  automatic,
  lesserHarm,
  limitedExposure,
  quickAlert,
  quickAnswer,
  causeByMachine,
  rollbackHelped,
  drained,
  nothingLost,
]
