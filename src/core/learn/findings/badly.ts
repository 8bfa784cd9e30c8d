/** What did not work, with the numbers that show it. */
import { ms } from '../../../base/time.ts'
import type { Attempt } from '../attempts.ts'
import { firstSustainedAbove, mean } from '../curves.ts'
import { ofType } from '../facts.ts'
import { amount, count, incidentMinutes, inSeconds, percentage, span, timeOfDay } from '../figures.ts'
import { ERROR_RATE_LIMIT } from '../guards.ts'
import { fromEvent, fromResult, fromSeries } from '../refs.ts'
import { type Rich, say } from '../rich.ts'
import * as act from './actions.ts'
import type { FindingRule } from './finding.ts'
import { QUICK_CAUSE_MINUTES } from './well.ts'

/** Minutes of the incident after which a notice is late. */
const NOTICE_MINUTES = 15
/** How each audience is named in a sentence. */
const AUDIENCES = { public: 'the public', support: 'customer support', stakeholders: 'the stakeholders' } as const
/** Minutes of the incident after which a severity is late. */
const SEVERITY_MINUTES = 5
/** Minutes of the incident for which an incident may stay open after its impact without a word about it. */
const CLOSING_MINUTES = 30

const slowCause: FindingRule = ({ own }) => {
  const seconds = own.result.secondsToCause
  const named = own.cause ?? own.rootFinding
  if (seconds !== null && incidentMinutes(own.clock, seconds) <= QUICK_CAUSE_MINUTES) return null
  const line =
    seconds === null
      ? say`No cause was named in this act${fromResult(own, 'secondsToCause')}.`
      : say`It took ${span(own.clock, seconds)} from the first bad request${fromResult(own, 'secondsToCause')}${named === null ? [] : fromEvent(own, named)}.`
  const findings = ofType(own.events, 'finding.made').filter((event) => !event.data.rootCause)
  const steps =
    findings.length === 0
      ? []
      : [
          say`On the way people made ${amount(findings.length, 'finding')}${findings.map((event) => fromEvent(own, event))}.`,
        ]
  return {
    id: 'slow-cause',
    place: 'badly',
    title: seconds === null ? 'The cause was never named' : 'The cause took long to find',
    lines: [line, ...steps],
    actions: [act.ONE_SCREEN],
    lesson: {
      kind: 'process',
      title: 'Start from the last release',
      text: 'When trouble follows a release, what that release changed in the database is the first page to open.',
    },
  }
}

const failedAttempt = (attempt: Attempt): boolean =>
  attempt.finished !== null && ['no', 'worse', 'partly'].includes(attempt.finished.data.helped)

const vainAttempts: FindingRule = ({ own, attempts }) => {
  const failed = attempts.filter(failedAttempt)
  const first = failed[0]
  if (first === undefined) return null
  const until = own.decision
  const spent = until === null ? null : (until.at - first.started.at) / 1000
  const lines: Rich[] = failed.map(
    ({ started, finished }) =>
      say`Attempt ${count(started.data.attempt)}, ${started.data.action}${fromEvent(own, started)}: ${finished?.data.observed ?? ''}${finished === null ? [] : fromEvent(own, finished)}`,
  )
  const time =
    spent === null || until === null || spent <= 0
      ? []
      : [
          say`From the first of them to the decision to roll back went ${span(own.clock, spent)}${fromEvent(own, first.started)}${fromEvent(own, until)}.`,
        ]
  return {
    id: 'vain-attempts',
    place: 'badly',
    title: `${amount(failed.length, 'mitigation')} did not end it`,
    lines: [...lines, ...time],
    actions: [act.MITIGATION_ORDER],
    lesson: {
      kind: 'process',
      title: 'Undo first, understand afterwards',
      text: 'A known good release ends the impact; resizing and rebuilding treat what the release has done and can wait.',
    },
  }
}

const madeWorse: FindingRule = ({ own, attempts }) => {
  const worse = attempts.filter((attempt) => attempt.finished?.data.helped === 'worse')
  if (worse.length === 0) return null
  return {
    id: 'made-worse',
    place: 'badly',
    title: 'A mitigation made it worse',
    lines: worse.map((attempt) => {
      const change =
        attempt.errorsBefore === null || attempt.errorsAfter === null || attempt.windowAfter === null
          ? say`the error rate around it was not measured`
          : say`mean error rate ${percentage(attempt.errorsBefore)} before it${errorSource(own, attempt.windowBefore)} and ${percentage(attempt.errorsAfter)} after it${errorSource(own, attempt.windowAfter)}`
      return say`Attempt ${count(attempt.started.data.attempt)}, ${attempt.started.data.action}${fromEvent(own, attempt.started)}: ${change}.`
    }),
    actions: [act.MITIGATION_ORDER, act.CONNECTION_BUDGET],
    lesson: {
      kind: 'technical',
      title: 'More replicas do not help a database that is the bottleneck',
      text: 'Each of them brings connections of its own to the same scan.',
    },
  }
}

const errorSource = (facts: Parameters<typeof fromSeries>[0], window: Attempt['windowBefore']) =>
  fromSeries(facts, {
    metric: facts.curves.errorRate?.metric ?? 'client_error_rate_percent',
    service: null,
    how: 'mean weighted by requests',
    window,
  })

const lateRollback: FindingRule = ({ own }) => {
  const { decision, curves, deploy } = own
  if (decision === null || deploy?.data.automaticRollback === true) return null
  const since = firstSustainedAbove(curves.errorRate, { limit: ERROR_RATE_LIMIT, sustained: ms(0), from: own.zero })
  if (since === null || since >= decision.at) return null
  const window = { from: since, to: decision.at }
  const source = fromSeries(own, {
    metric: curves.errorRate?.metric ?? 'client_error_rate_percent',
    service: null,
    how: 'from the first sample above 5 % to the decision; mean weighted by requests',
    window,
  })
  return {
    id: 'late-rollback',
    place: 'badly',
    title: 'The rollback was decided late',
    lines: [
      say`From the first sample above ${percentage(ERROR_RATE_LIMIT)} to the decision went ${span(own.clock, (decision.at - since) / 1000)}, with a mean error rate of ${percentage(mean(curves.errorRate, window, curves.requests))}${source}${fromEvent(own, decision)}.`,
    ],
    actions: [act.AUTOMATIC_ROLLBACK, act.MITIGATION_ORDER],
    lesson: {
      kind: 'process',
      title: 'A limit that nobody acts on is a line on a chart',
      text: 'Whoever sets a threshold should also write down what happens when it is passed, and let a machine do it.',
    },
  }
}

const lateIndex: FindingRule = ({ own, attempts }) => {
  const builds = ofType(own.events, 'index.build-finished')
  const build = builds[0]
  const attempt = attempts.find(({ started }) => /index/i.test(started.data.action))
  if (build === undefined || attempt === undefined) return null
  const late = own.decision !== null && build.at > own.decision.at
  if (!late && build.data.valid) return null
  return {
    id: 'late-index',
    place: 'badly',
    title: build.data.valid ? 'The index came after it was needed' : 'The index build did not give a valid index',
    lines: [
      say`The build ended at ${timeOfDay(own.clock, build.at)} after ${inSeconds(build.data.took / 1000)}${fromEvent(own, build)}; the expectation had been: ${attempt.started.data.expected}${fromEvent(own, attempt.started)}`,
    ],
    actions: [act.INDEX_ESTIMATE],
    lesson: {
      kind: 'technical',
      title: 'Building an index on a saturated database is slow',
      text: 'It competes with the very scans that it is meant to end; its progress has to be watched, not assumed.',
    },
  }
}

const notices: FindingRule = ({ own }) => {
  const start = own.opened ?? own.alert
  if (start === null || own.deploy?.data.automaticRollback === true) return null
  const sent = ofType(own.events, 'notice.sent')
  const lines = (['public', 'support', 'stakeholders'] as const).flatMap((audience): readonly Rich[] => {
    const first = sent.find((event) => event.data.audience === audience)
    if (first === undefined)
      return [say`The ledger has no notice to ${AUDIENCES[audience]} after the incident began${fromEvent(own, start)}.`]
    const waited = (first.at - start.at) / 1000
    if (incidentMinutes(own.clock, waited) <= NOTICE_MINUTES) return []
    return [
      say`The first notice to ${AUDIENCES[audience]} came ${span(own.clock, waited)} into the incident${fromEvent(own, first)}.`,
    ]
  })
  if (lines.length === 0) return null
  return {
    id: 'notices',
    place: 'badly',
    title: 'Those affected were told late or not at all',
    lines,
    actions: [act.NOTICES],
    lesson: {
      kind: 'process',
      title: 'Silence is also a message',
      text: 'A first notice that says little, early, is worth more than a complete one afterwards.',
    },
  }
}

const lateSeverity: FindingRule = ({ own }) => {
  const set = ofType(own.events, 'incident.severity-set')[0]
  const start = own.alert ?? own.opened
  if (set === undefined || start === null) return null
  const waited = (set.at - start.at) / 1000
  if (incidentMinutes(own.clock, waited) <= SEVERITY_MINUTES) return null
  return {
    id: 'late-severity',
    place: 'badly',
    title: 'The severity was set late',
    lines: [
      say`${set.data.severity} was set ${span(own.clock, waited)} after the first alert${fromEvent(own, set)}${fromEvent(own, start)}.`,
    ],
    actions: [act.SEVERITY_AT_OPENING],
    lesson: null,
  }
}

const longTail: FindingRule = ({ own }) => {
  const { resolved, recoveredAt } = own
  if (resolved === null || recoveredAt === null) return null
  const open = (resolved.at - recoveredAt) / 1000
  if (incidentMinutes(own.clock, open) <= CLOSING_MINUTES) return null
  return {
    id: 'long-tail',
    place: 'badly',
    title: 'The incident stayed open long after its impact had ended',
    lines: [
      say`Clients were served well again ${span(own.clock, open)} before the incident was closed${fromResult(own, 'secondsToRecovery')}${fromEvent(own, resolved)}.`,
    ],
    actions: [act.CLOSING_RULE],
    lesson: null,
  }
}

const lostPayments: FindingRule = ({ own }) => {
  const { reconciliation } = own
  if (reconciliation === null || reconciliation.data.lost + reconciliation.data.double === 0) return null
  return {
    id: 'payments-wrong',
    place: 'badly',
    title: 'Payments were lost or paid twice',
    lines: [
      say`${count(reconciliation.data.lost)} lost, ${count(reconciliation.data.double)} paid twice${fromEvent(own, reconciliation)}.`,
    ],
    actions: [act.REPAIR_PAYMENTS],
    lesson: null,
  }
}

const stillHarm: FindingRule = ({ own }) => {
  const { failedPayments, delayedPayments } = own.result
  if (own.deploy?.data.automaticRollback !== true || failedPayments + delayedPayments === 0) return null
  return {
    id: 'still-harm',
    place: 'badly',
    title: 'Customers still paid for finding the fault',
    lines: [
      say`${amount(failedPayments, 'payment')} failed${fromResult(own, 'failedPayments')} and ${count(delayedPayments)} were delayed${fromResult(own, 'delayedPayments')} before the rollback had taken effect.`,
    ],
    actions: [act.SMALLER_FIRST_STEP, act.PLAN_CHECK],
    lesson: {
      kind: 'process',
      title: 'The cheapest fault is the one found before the release',
      text: 'A runtime guard limits the harm; a plan compared at production size in CI avoids it.',
    },
  }
}

const notRecovered: FindingRule = ({ own }) => {
  if (own.firstBadAt === null || own.recoveredAt !== null) return null
  return {
    id: 'not-recovered',
    place: 'badly',
    title: 'The service had not recovered when the record ends',
    lines: [
      say`No time was measured from which error rate and latency stayed within the objective${fromResult(own, 'secondsToRecovery')}.`,
    ],
    actions: [act.AUTOMATIC_ROLLBACK],
    lesson: null,
  }
}

export const BADLY: readonly FindingRule[] = [
  lostPayments,
  notRecovered,
  slowCause,
  vainAttempts,
  madeWorse,
  lateRollback,
  lateIndex,
  lateSeverity,
  notices,
  longTail,
  stillHarm,
]
