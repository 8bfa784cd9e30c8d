/** One sentence for each kind of event, made of its facts. Total: the compiler asks for a new kind's words. */
import { assertNever } from '../../base/assert-never.ts'
import type { Fact, Facts, Weight } from '../events.ts'
import { amount, count, decimal, inMs, inSeconds, percentage } from './figures.ts'
import { code, joined, type Rich, say, strong } from './rich.ts'

const millis = (took: number): string => (took < 1000 ? inMs(took) : inSeconds(took / 1000))
const because = (why: readonly string[]): Rich => (why.length === 0 ? [] : say`: ${why.join('; ')}`)
const sentence = (value: string): string => value.trim().replace(/[.\s]+$/, '')

const weights = (list: readonly Weight[]): Rich =>
  joined(
    list
      .filter((weight) => weight.weight > 0)
      .map((weight) => say`${percentage(weight.weight)} to ${code(weight.release)}`),
    ', ',
    ' and ',
  )

function requested(data: Facts['release.requested']): Rich {
  const steps =
    data.steps.length > 1
      ? `in steps of ${data.steps.map(percentage).join(', ')} of the traffic`
      : 'to all replicas at once'
  const rollback = data.automaticRollback ? 'automatic rollback on' : 'automatic rollback off'
  const overridden =
    data.overridden.length === 0 ? [] : say`; overridden on purpose: ${data.overridden.map(sentence).join('; ')}`
  return say`Release ${strong(data.release)} requested after ${data.previous}, ${steps}, ${amount(data.replicas, 'replica')} with a pool of ${count(data.poolMaxPerReplica)} each, ${rollback}${overridden}`
}

function migrated(data: Facts['migration.applied']): Rich {
  const dropped = data.dropped.map((index) => say` dropped index ${code(index.name)} of ${code(index.table)}`)
  const created = data.created.map((index) => say` created index ${code(index.name)} on ${code(index.table)}`)
  const effect = [...dropped, ...created]
  const what = effect.length === 0 ? say` changed no index` : joined(effect, ',', ' and')
  return say`Migration ${code(`${data.file}:${data.line}`)} of release ${data.release}${what} (${millis(data.took)})`
}

function alerted(data: Facts['alert.fired']): Rich {
  const unit = data.unit === 'percent' || data.unit === '%' ? ' %' : data.unit === '' ? '' : ` ${data.unit}`
  const said = sentence(data.message)
  const limit = `${decimal(data.threshold)}${unit}`
  const what = said === '' ? `${decimal(data.value)}${unit}` : said
  const threshold = said.includes(` ${limit}`) ? '' : `; threshold ${limit}`
  return say`Alert ${code(data.rule)} (${data.severity}): ${what}${threshold}`
}

function caused(data: Facts['cause.named']): Rich {
  return say`${strong('Cause named')} (score ${decimal(data.score, 2)} of 1): ${sentence(data.summary)}`
}

function reconciled(data: Facts['reconciliation.finished']): Rich {
  return say`Payments reconciled: ${count(data.told)} promised to a client, ${count(data.settled)} settled, ${count(data.failed)} failed, ${count(data.refunded)} refunded, ${count(data.open)} still open, ${count(data.lost)} lost, ${count(data.double)} paid twice`
}

function counted(data: Facts['traffic.counted']): Rich {
  return say`Clients counted ${count(data.sent)} requests: ${count(data.succeeded)} succeeded, ${count(data.failed)} failed, ${count(data.dropped)} dropped; ${count(data.failedPayments)} payments failed, ${count(data.delayedPayments)} were delayed, ${count(data.recoveredPayments)} were found accepted afterwards`
}

const HELPED = {
  yes: 'it helped',
  no: 'it did not help',
  worse: 'it made things worse',
  partly: 'it helped in part',
  unknown: 'whether it helped is not known',
} as const

function built(data: Facts['index.build-finished']): Rich {
  const failed = data.error === null ? '' : `: ${sentence(data.error)}`
  const outcome = data.valid ? 'the index is valid' : `the index is not valid${failed}`
  return say`Build of index ${code(data.index)} on ${code(data.table)} ended after ${millis(data.took)}; ${outcome}`
}

/** Names that one sentence holds. */
const MAX_NAMED = 8

function catalogChanged(data: Facts['database.changed']): Rich {
  const of = (names: readonly string[], what: string) => names.map((name) => say`index ${code(name)} ${what}`)
  const parts = [
    ...data.dropped.map(({ name, table }) => say`index ${code(name)} of ${code(table)} is gone`),
    ...data.created.map(({ name, table }) => say`index ${code(name)} of ${code(table)} is new`),
    ...of(data.invalid, 'is not valid, so no query can use it'),
    ...of(data.valid, 'is valid now'),
    ...data.settings.map(
      ({ name, from, to }) => say`setting ${code(name)} went from ${code(from ?? 'unset')} to ${code(to ?? 'unset')}`,
    ),
  ]
  const rest = parts.length - MAX_NAMED
  const told = rest > 0 ? [...parts.slice(0, MAX_NAMED), say`${amount(rest, 'further change')}`] : parts
  return say`The database's catalog changed: ${joined(told, ', ', ' and ')}`
}

function inspected(data: Facts['database.inspected']): Rich {
  const invalid = data.invalid.length === 0 ? 'all valid' : `not valid: ${data.invalid.slice(0, MAX_NAMED).join(', ')}`
  const settings = amount(Object.keys(data.settings).length, 'setting')
  return say`The database's catalog was looked at: ${amount(data.indexes, 'user index', 'user indexes')}, ${invalid}; ${settings} noted`
}

/** Its id without the environment, which all events of a document share. */
const incident = (id: string) => code(id.slice(id.indexOf('/') + 1))

type Of<Prefix extends string> = Extract<Fact, { type: `${Prefix}.${string}` }>
type Deployment =
  | Of<'act'>
  | Of<'release'>
  | Of<'migration'>
  | Of<'replicas'>
  | Of<'weights'>
  | Of<'config'>
  | Of<'service'>
  | Of<'index'>
  | Of<'database'>
type Machinery = Of<'decision'> | Of<'command'> | Of<'timer'>
type Response = Exclude<Fact, Deployment | Machinery>

function deployment(fact: Deployment): Rich {
  switch (fact.type) {
    case 'act.started':
      return say`The ${fact.data.act} act of ${code(fact.data.scenario)} began; one minute of the incident lasts ${millis(fact.data.paceMs)}`
    case 'act.finished':
      return say`The ${fact.data.act} act ended`
    case 'release.requested':
      return requested(fact.data)
    case 'release.abort-requested':
      return say`Rollback of release ${strong(fact.data.release)} ordered: ${sentence(fact.data.reason)}`
    case 'release.judged':
      return say`Release ${strong(fact.data.release)} judged ${code(fact.data.verdict)} by rule ${code(fact.data.rule)}${because(fact.data.why)}`
    case 'release.rollback-decided':
      return say`${strong('Rollback decided')} from ${fact.data.release} to ${fact.data.to}${because(fact.data.why)}`
    case 'release.rolled-back':
      return say`Rollback complete: all traffic of ${fact.data.release} is back on ${fact.data.to}`
    case 'release.promoted':
      return say`Release ${strong(fact.data.release)} serves all traffic`
    case 'release.failed':
      return say`Release ${strong(fact.data.release)} failed: ${sentence(fact.data.reason)}`
    case 'migration.applied':
      return migrated(fact.data)
    case 'replicas.started':
      return say`${amount(fact.data.replicas, 'replica')} of release ${fact.data.release} running, pool of ${count(fact.data.poolMaxPerReplica)} each`
    case 'replicas.stopped':
      return say`${amount(fact.data.replicas, 'replica')} of release ${fact.data.release} stopped`
    case 'weights.set':
      return say`Traffic set: ${weights(fact.data.weights)}`
    case 'config.changed':
      return say`Setting ${code(fact.data.key)} changed from ${code(fact.data.from)} to ${code(fact.data.to)}${fact.data.restarted ? ', replicas restarted' : ''}`
    case 'service.scaled':
      return say`Service scaled from ${count(fact.data.from)} to ${amount(fact.data.to, 'replica')}`
    case 'index.build-started':
      return say`Build of index ${code(fact.data.index)} on ${code(fact.data.table)} started`
    case 'index.build-finished':
      return built(fact.data)
    case 'database.inspected':
      return inspected(fact.data)
    case 'database.changed':
      return catalogChanged(fact.data)
    default:
      return assertNever(fact)
  }
}

function response(fact: Response): Rich {
  switch (fact.type) {
    case 'alert.fired':
      return alerted(fact.data)
    case 'alert.resolved':
      return say`Alert ${code(fact.data.rule)} (${fact.data.severity}) resolved: ${sentence(fact.data.message)}`
    case 'incident.opened':
      return say`Incident ${incident(fact.data.incident)} opened: ${sentence(fact.data.title)}`
    case 'incident.severity-set':
      return say`Severity of ${incident(fact.data.incident)} set to ${fact.data.severity}`
    case 'incident.acknowledged':
      return say`${fact.data.by} took on incident ${incident(fact.data.incident)}`
    case 'incident.role-assigned':
      return say`${fact.data.to} took the role of ${fact.data.role}`
    case 'incident.mitigated':
      return say`Incident mitigated: ${sentence(fact.data.why)}`
    case 'incident.resolved':
      return say`${strong('Incident resolved')}: ${sentence(fact.data.why)}`
    case 'incident.note':
      return say`${sentence(fact.data.text)}`
    case 'attempt.started':
      return say`${strong(`Attempt ${fact.data.attempt}`)}: ${sentence(fact.data.action)}`
    case 'attempt.finished':
      return say`${strong(`Attempt ${fact.data.attempt}`)} observed: ${sentence(fact.data.observed)}; ${HELPED[fact.data.helped]}`
    case 'cause.named':
      return caused(fact.data)
    case 'finding.made':
      return fact.data.rootCause
        ? say`${strong('Root cause found by people')}: ${sentence(fact.data.text)}`
        : say`Found: ${sentence(fact.data.text)}`
    case 'notice.sent':
      return say`Notice to ${fact.data.audience}: ${sentence(fact.data.text)}`
    case 'queue.drained':
      return say`Retry queue drained: ${count(fact.data.processed)} processed, ${count(fact.data.remaining)} left, in ${millis(fact.data.took)}`
    case 'reconciliation.finished':
      return reconciled(fact.data)
    case 'traffic.counted':
      return counted(fact.data)
    default:
      return assertNever(fact)
  }
}

function machinery(fact: Machinery): Rich {
  switch (fact.type) {
    case 'decision.made':
      return say`Decided by ${code(fact.data.decider)}${because(fact.data.why)}`
    case 'command.succeeded':
      return say`Command ${code(fact.data.command)} carried out`
    case 'command.failed':
      return say`Command ${code(fact.data.command)} failed after ${amount(fact.data.attempts, 'attempt')}: ${sentence(fact.data.error)}`
    case 'timer.elapsed':
      return say`Timer ${code(fact.data.timer)} elapsed`
    default:
      return assertNever(fact)
  }
}

const isMachinery = (fact: Fact): fact is Machinery => /^(decision|command|timer)\./.test(fact.type)
const isDeployment = (fact: Fact): fact is Deployment =>
  /^(act|release|migration|replicas|weights|config|service|index|database)\./.test(fact.type)

/** What happened, in one sentence without a full stop. Values from outside stay plain text, never markup. */
export function describe(fact: Fact): Rich {
  if (isMachinery(fact)) return machinery(fact)
  return isDeployment(fact) ? deployment(fact) : response(fact as Response)
}

/** False for bookkeeping, which belongs in the ledger and not into a reader's timeline. */
export const worthTelling = (fact: Fact): boolean =>
  fact.type === 'command.failed' || !(isMachinery(fact) || fact.type === 'database.inspected')
