/** Root cause: what was named and why, what contributed, and where it could have been caught. */
import type { Context } from '../context.ts'
import { type EventOf, ofType } from '../facts.ts'
import { count, decimal, inIncidentTime, percentage } from '../figures.ts'
import type { Finding } from '../findings/finding.ts'
import type { Point, RootCause } from '../model.ts'
import { byArithmetic, fromEvent } from '../refs.ts'
import { code, joined, link, question, type Rich, type Statement, say } from '../rich.ts'

const sentence = (value: string): string => value.trim().replace(/[.\s]+$/, '')

/** A sentence of the diagnosis, which knows real times only. */
const diagnosed = ({ own }: Context, cause: EventOf<'cause.named'>, line: string): string =>
  inIncidentTime(own.clock, sentence(line), cause.at)

function named(context: Context, cause: EventOf<'cause.named'>): readonly Statement[] {
  const { own } = context
  const { data } = cause
  const where =
    data.migrationFile === null
      ? []
      : [
          say`The migration that did it: ${code(data.migrationLine === null ? data.migrationFile : `${data.migrationFile}:${data.migrationLine}`)}${fromEvent(own, cause)}.`,
        ]
  const index = data.index === null ? [] : [say`The index: ${code(data.index.definition)}${fromEvent(own, cause)}.`]
  return [
    say`${sentence(data.summary)}${fromEvent(own, cause)} (score ${decimal(data.score, 2)} of 1).`,
    ...where,
    ...index,
    ...data.refutedBy.map(
      (line) => say`It would be refuted if this held: ${diagnosed(context, cause, line)}${fromEvent(own, cause)}.`,
    ),
  ]
}

/** What the other act's diagnosis says about the same release, for an act in which no machine named a cause. */
function fromOtherAct({ other }: Context): readonly Rich[] {
  const cause = other?.cause ?? null
  if (other === null || cause === null) return []
  return [
    say`The diagnosis of the ${other.result.act} act names for the same release: ${sentence(cause.data.summary)}${fromEvent(other, cause)}`,
  ]
}

function immediate(context: Context): readonly Statement[] {
  const { own } = context
  if (own.cause !== null) return named(context, own.cause)
  if (own.rootFinding !== null) {
    return [
      say`As people found it: ${sentence(own.rootFinding.data.text)}${fromEvent(own, own.rootFinding)}.`,
      ...fromOtherAct(context).map((line) => [...line, { kind: 'text' as const, text: '.' }]),
    ]
  }
  return [question('What was the immediate cause? The ledger of this act names none.', fromOtherAct(context))]
}

function checkStage({ own }: Context): Statement {
  const { deploy } = own
  if (deploy === null) return question('Which checks ran before the release? The ledger has no release.')
  if (deploy.data.overridden.length > 0) {
    return say`A check said no and was overridden on purpose: ${deploy.data.overridden.map(sentence).join('; ')}${fromEvent(own, deploy)}.`
  }
  return say`The ledger shows no check of the change at production size before the release was requested${fromEvent(own, deploy)}.`
}

function canaryStage({ own }: Context): Statement {
  const { deploy } = own
  if (deploy === null) return question('How was it rolled out? The ledger has no release.')
  if (deploy.data.steps.length < 2)
    return say`There was no canary: the release took all traffic in one step${fromEvent(own, deploy)}.`
  const bad = ofType(own.events, 'release.judged').find((event) => event.data.verdict === 'bad')
  const steps = deploy.data.steps.map(percentage).join(', ')
  return bad === undefined
    ? say`The release went in steps of ${steps}${fromEvent(own, deploy)}; no step was judged bad.`
    : say`The release went in steps of ${steps}${fromEvent(own, deploy)} and was judged bad by rule ${code(bad.data.rule)}${fromEvent(own, bad)}: this stage did catch it.`
}

function runtimeStage({ own }: Context): Statement {
  const { deploy } = own
  if (deploy === null) return question('Could it roll back by itself? The ledger has no release.')
  const first =
    own.alert === null
      ? say`no alert fired`
      : say`the first alert was ${code(own.alert.data.rule)}${fromEvent(own, own.alert)}`
  return deploy.data.automaticRollback
    ? say`Automatic rollback was on${fromEvent(own, deploy)}; ${first}.`
    : say`Automatic rollback was off${fromEvent(own, deploy)}; ${first}.`
}

function stages(context: Context): RootCause['stages'] {
  const { own } = context
  const dropped = ofType(own.events, 'migration.applied').filter((event) => event.data.release === own.release)
  const files = dropped.map(
    (event) => say`migration ${code(`${event.data.file}:${event.data.line}`)}${fromEvent(own, event)}`,
  )
  const links = (own.deploy?.data.links ?? []).map((href) => say`${link(href, href)}`)
  const changed = links.length === 0 ? [] : [joined(links, ', ')]
  return [
    { stage: 'Development', said: question('On how much data was the change tried while it was written?', files) },
    {
      stage: 'Code review',
      said: question('Did the review look at the migration and at the plans of the statements on that table?', changed),
    },
    { stage: 'Check before the release', said: checkStage(context) },
    {
      stage: 'Staging',
      said: question('How many rows does staging hold, and what load does it see?', [
        say`the rehearsal ran on a table size that shows the fault, ${fromSize(context)}`,
      ]),
    },
    { stage: 'Canary', said: canaryStage(context) },
    { stage: 'Runtime guards', said: runtimeStage(context) },
  ]
}

const fromSize = ({ drill }: Context): Rich =>
  say`${count(drill.rows)} payments${byArithmetic('rows', `rows in result.json: ${drill.rows}`)}`

const pointOf = (finding: Finding): Point => ({ title: finding.title, lines: finding.lines })

/** Only the statement of this act's own cause is shown; a plan of the other act is not this act's plan. */
export function causeOf(context: Context, factors: readonly Finding[]): RootCause {
  const data = context.own.cause?.data ?? null
  const cause = context.own.cause
  return {
    immediate: immediate(context),
    statement: data?.statement ?? null,
    plan: data?.plan ?? [],
    evidence:
      cause === null
        ? []
        : cause.data.evidence.map((line) => say`${diagnosed(context, cause, line)}${fromEvent(context.own, cause)}`),
    factors: factors.map(pointOf),
    stages: stages(context),
  }
}
