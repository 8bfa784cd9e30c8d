/** What made the incident possible or worse, found from facts and policy. */

import type { LedgerEvent } from '../../events.ts'
import type { Context } from '../context.ts'
import { peak } from '../curves.ts'
import { type ActFacts, type EventOf, ofType, wholeAct } from '../facts.ts'
import { amount, count, decimal, inSeconds, timeOfDay } from '../figures.ts'
import { fromEvent, fromSeries } from '../refs.ts'
import { code, joined, type Rich, say } from '../rich.ts'
import * as act from './actions.ts'
import type { Finding, FindingRule } from './finding.ts'

/** Statements of the release's migrations that dropped an index which no statement of the same release put back. */
function droppedForGood(facts: ActFacts): readonly EventOf<'migration.applied'>[] {
  const own = ofType(facts.events, 'migration.applied').filter((event) => event.data.release === facts.release)
  const created = new Set(own.flatMap((event) => event.data.created.map((index) => index.name)))
  return own.filter((event) => event.data.dropped.some((index) => !created.has(index.name)))
}

const indexDropped: FindingRule = ({ own }) => {
  const dropped = droppedForGood(own)
  if (dropped.length === 0) return null
  return {
    id: 'index-dropped',
    place: 'factor',
    title: 'The migration removed an index and put none in its place',
    lines: dropped.map((event) => {
      const names = joined(
        event.data.dropped.map((index) => say`${code(index.name)} of ${code(index.table)}`),
        ', ',
        ' and ',
      )
      return say`Release ${event.data.release} dropped ${names} at ${code(`${event.data.file}:${event.data.line}`)}${fromEvent(own, event)}; no statement of the release creates it again.`
    }),
    actions: [act.FIX_MIGRATION, act.RESTORE_INDEX, act.PLAN_CHECK],
    lesson: {
      kind: 'technical',
      title: 'An index is part of the code that relies on it',
      text: 'A migration that drops one needs the plans of every statement on that table looked at, at production size, before it ships.',
    },
  }
}

const allAtOnce: FindingRule = ({ own }) => {
  const { deploy } = own
  if (deploy === null || deploy.data.steps.length > 1) return null
  return {
    id: 'all-at-once',
    place: 'factor',
    title: 'The release went to every replica at once',
    lines: [
      say`All ${amount(deploy.data.replicas, 'replica')} took release ${deploy.data.release} in one step${fromEvent(own, deploy)}, so the first sign of the fault already touched every request.`,
    ],
    actions: [act.STEPPED_RELEASE],
    lesson: {
      kind: 'technical',
      title: 'A small first step makes a fault cheap to find',
      text: 'A tenth of the traffic is enough to see that a release asks more of the database than the one before.',
    },
  }
}

const noAutomaticRollback: FindingRule = ({ own }) => {
  const { deploy, decision } = own
  if (deploy === null || deploy.data.automaticRollback) return null
  const waited =
    decision === null
      ? say`nobody ordered one in this act`
      : say`it waited for people until ${timeOfDay(own.clock, decision.at)}${fromEvent(own, decision)}`
  return {
    id: 'no-automatic-rollback',
    place: 'factor',
    title: 'Nothing could roll the release back by itself',
    lines: [say`The release was requested with automatic rollback off${fromEvent(own, deploy)}; ${waited}.`],
    actions: [act.AUTOMATIC_ROLLBACK],
    lesson: null,
  }
}

const overridden: FindingRule = ({ own }) => {
  const { deploy } = own
  if (deploy === null || deploy.data.overridden.length === 0) return null
  return {
    id: 'check-overridden',
    place: 'factor',
    title: 'A check had said no and was overridden',
    lines: deploy.data.overridden.map((reason) => say`${reason}${fromEvent(own, deploy)}`),
    actions: [act.OVERRIDE_RULE],
    lesson: {
      kind: 'process',
      title: 'An override is a decision and needs an owner',
      text: 'Whoever sets a check aside should have to say why, with a second person, in a place that the postmortem can read.',
    },
  }
}

/** The rules that watch the same thing as a guard; a fired one means that somebody was told. */
const FIRED_AS: { readonly [guard: string]: RegExp } = {
  'database-time-per-request': /database/,
  'slow-queries': /slow/,
  'pool-utilisation-warning': /pool/,
  'pool-utilisation-critical': /pool/,
}

/** Leading limits that were passed before the first alert without any alert of their kind. */
function silentIndicators({ own, replays }: Context): readonly Rich[] {
  const firstAlert = own.alert?.at ?? own.end
  const fired = ofType(own.events, 'alert.fired').map((event) => event.data.rule)
  return replays.flatMap(({ guard, at }) => {
    const kind = FIRED_AS[guard.id]
    if (!guard.leading || at === null || at >= firstAlert || kind === undefined) return []
    if (fired.some((rule) => kind.test(rule))) return []
    const source = fromSeries(own, {
      metric: guard.metric,
      service: null,
      how: `first time above the limit of guard ${guard.id}`,
    })
    const lead =
      own.alert === null
        ? say`; no alert fired at all`
        : say`, ${inSeconds((own.alert.at - at) / 1000)} before the first alert${fromEvent(own, own.alert)}`
    return [say`At ${timeOfDay(own.clock, at)}: ${guard.rule}${source}${lead}.`]
  })
}

const silent: FindingRule = (context) => {
  const lines = silentIndicators(context)
  if (lines.length === 0) return null
  return {
    id: 'silent-indicators',
    place: 'factor',
    title: 'Leading indicators passed their limits and no alert spoke',
    lines,
    actions: [act.LEADING_ALERTS, act.ONE_SCREEN],
    lesson: {
      kind: 'technical',
      title: 'Errors come last',
      text: 'Database time per request, slow statements and a full pool show the fault earlier than failed requests do; they deserve the alert.',
    },
  }
}

const queueing: FindingRule = ({ own }) => {
  const waiting = peak(own.curves.poolPending, wholeAct(own))
  const used = peak(own.curves.poolUsed, wholeAct(own))
  if (waiting === null || used === null || waiting.value < 1) return null
  const source = (metric: string) =>
    fromSeries(own, { metric, service: own.service, how: 'highest sum over releases', window: wholeAct(own) })
  return {
    id: 'unbounded-wait',
    place: 'factor',
    title: 'Every request was let in to wait for a connection',
    lines: [
      say`Up to ${count(waiting.value)} requests waited for a connection at once${source('pool_pending')} while up to ${count(used.value)} connections were in use${source('pool_used')}: fast statements stood in line behind slow ones.`,
    ],
    actions: [act.CONNECTION_BUDGET],
    lesson: {
      kind: 'technical',
      title: 'A pool is shared by good and bad statements',
      text: 'Without a share for each kind of statement, one slow kind takes all connections and everything else fails with it.',
    },
  }
}

/** Replicas and connections that later requests of a release asked for: those set a service anew. */
function setAnew(facts: ActFacts, from: LedgerEvent): readonly { readonly replicas: number; readonly pool: number }[] {
  return ofType(facts.events, 'release.requested')
    .filter((event) => event.at > from.at)
    .map(({ data }) => ({ replicas: data.replicas, pool: data.replicas * data.poolMaxPerReplica }))
}

const drift: FindingRule = ({ own }) => {
  const configs = ofType(own.events, 'config.changed')
  const scalings = ofType(own.events, 'service.scaled')
  const changes = configs.map((event) => ({
    event,
    what: say`${code(event.data.key)} went from ${code(event.data.from)} to ${code(event.data.to)}`,
    undone:
      configs.some(
        (later) => later.at > event.at && later.data.key === event.data.key && later.data.to === event.data.from,
      ) ||
      // Shares of replicas are whole numbers, so a total may miss by less than one connection each.
      setAnew(own, event).some(({ replicas, pool }) => Math.abs(pool - Number(event.data.from)) < replicas),
  }))
  const scaled = scalings.map((event) => ({
    event,
    what: say`the service went from ${count(event.data.from)} to ${amount(event.data.to, 'replica')}`,
    undone:
      scalings.some((later) => later.at > event.at && later.data.to === event.data.from) ||
      setAnew(own, event).some(({ replicas }) => replicas === event.data.from),
  }))
  const left = [...changes, ...scaled].filter((change) => !change.undone)
  if (left.length === 0) return null
  return {
    id: 'drift',
    place: 'factor',
    title: 'The system did not come back as it was',
    lines: left.map(
      ({ event, what }) =>
        say`During the incident ${what}${fromEvent(own, event)}; the ledger has no event that sets it back.`,
    ),
    actions: [act.UNDO_DRIFT],
    lesson: {
      kind: 'process',
      title: 'A rollback returns the code, not the settings',
      text: 'Pool size and replica count changed by hand outlive the release that they were changed for.',
    },
  }
}

const scaleAgainstPool: FindingRule = ({ own }) => {
  const scaled = ofType(own.events, 'service.scaled').find((event) => event.data.to > event.data.from)
  const highest = peak(own.curves.poolMax, wholeAct(own))
  if (scaled === undefined || highest === null) return null
  const source = fromSeries(own, {
    metric: 'pool_max',
    service: own.service,
    how: 'highest sum over releases',
    window: wholeAct(own),
  })
  return {
    id: 'pool-per-replica',
    place: 'factor',
    title: 'Connections grew with the replicas',
    lines: [
      say`Scaling from ${count(scaled.data.from)} to ${amount(scaled.data.to, 'replica')}${fromEvent(own, scaled)} let the service hold up to ${decimal(highest.value, 0)} connections${source} on a database that was already the bottleneck.`,
    ],
    actions: [act.CONNECTION_BUDGET],
    lesson: null,
  }
}

export const FACTORS: readonly FindingRule[] = [
  indexDropped,
  allAtOnce,
  noAutomaticRollback,
  overridden,
  silent,
  queueing,
  scaleAgainstPool,
  drift,
]

/** All factors that the facts show, in the order of the list above. */
export const factorsOf = (context: Context): readonly Finding[] =>
  FACTORS.flatMap((rule) => {
    const finding = rule(context)
    return finding === null ? [] : [finding]
  })
