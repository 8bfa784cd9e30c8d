/** The review checklist of a migration: one list for the template of pull requests, answered from a check's result. */
import type { ChecklistItem, CheckResult } from '../result.ts'

type Answered = Omit<CheckResult, 'checklist' | 'verdict' | 'why'>
type Answer = Pick<ChecklistItem, 'answer' | 'because'>

interface Question {
  readonly item: string
  readonly answer: (result: Answered) => Answer
}

/** Longer than this under a lock that stops reads or writes is felt by users. */
const FELT_MS = 1000
const STOPPING: ReadonlySet<string> = new Set(['Share', 'ShareRowExclusive', 'Exclusive', 'AccessExclusive'])
const MAX_NAMED = 3
const MAX_TITLE = 50

const yes = (because: string): Answer => ({ answer: 'yes', because })
const no = (because: string): Answer => ({ answer: 'no', because })
const unknown = (because: string): Answer => ({ answer: 'unknown', because })

const names = (all: readonly string[]): string =>
  all.length > MAX_NAMED ? `${all.slice(0, MAX_NAMED).join(', ')} and ${all.length - MAX_NAMED} more` : all.join(', ')

/** A query's name, or its beginning. */
const titleOf = ({ name, query }: { readonly name: string | null; readonly query: string }): string => {
  const line = query.replace(/\s+/g, ' ').trim()
  return name ?? (line.length > MAX_TITLE ? `${line.slice(0, MAX_TITLE - 1)}…` : line)
}

const queries = (amount: number): string => `${amount} ${amount === 1 ? 'query' : 'queries'}`

const place = (at: { readonly file: string | null; readonly line: number | null }): string =>
  `${at.file ?? ''}:${at.line ?? ''}`

/** False when the migration did not run to its end: then nothing about its effects is known. */
const applied = (result: Answered): boolean => !result.findings.some((one) => one.rule === 'migration-fails')

function indexesNeeded(result: Answered): Answer {
  if (!applied(result)) return unknown('the migration fails')
  const dropped = result.migration.flatMap((one) => one.dropped.map((what) => `${what} (${place(one)})`))
  const lost = result.plans.filter((plan) => plan.regressed && plan.blamedOn !== null)
  if (lost.length > 0)
    return no(
      `${names(lost.map((plan) => `${titleOf(plan)} since ${place(plan.blamedOn ?? { file: null, line: null })}`))}`,
    )
  if (dropped.length === 0) return yes('nothing is dropped')
  return yes(`dropped: ${names(dropped)}; no plan of ${result.plans.length} needs it`)
}

function plansCompared(result: Answered): Answer {
  if (!applied(result)) return unknown('the migration fails')
  if (result.plans.length === 0) return unknown('there is no workload to plan')
  const worse = result.plans.filter((plan) => plan.regressed)
  if (worse.length === 0 && result.unplanned.length > 0)
    return unknown(`${queries(result.plans.length)} compared, ${result.unplanned.length} could not be planned`)
  if (worse.length === 0) return yes(`${queries(result.plans.length)} planned at production's size, none is worse`)
  return no(`${queries(worse.length)} of ${result.plans.length} worse: ${names(worse.map((plan) => titleOf(plan)))}`)
}

function locksShort(result: Answered): Answer {
  if (!applied(result)) return unknown('the migration fails')
  const long = result.migration.filter(
    (one) => one.estimate.highMs > FELT_MS && one.locks.some((lock) => STOPPING.has(lock.mode)),
  )
  if (long.length === 0)
    return yes(`no statement of ${result.migration.length} blocks for longer than ${FELT_MS / 1000} s`)
  return no(
    names(
      long.map(
        (one) =>
          `${place(one)} blocks ${one.locks[0]?.relation ?? ''} for up to ${Math.round(one.estimate.highMs / 1000)} s`,
      ),
    ),
  )
}

function lockTimeout(result: Answered): Answer {
  const missing = result.findings.filter((one) => one.rule === 'missing-lock-timeout')
  return missing.length === 0 ? yes('every lock that is waited for has a limit') : no(names(missing.map(place)))
}

function rollbackSafe(result: Answered): Answer {
  const { verdict, target, broken } = result.rollbackSafety
  const to = target ?? 'the release before'
  if (verdict === 'safe') return yes(`all queries of ${to} run on the new schema`)
  if (verdict === 'unknown') return unknown('see the rollback section')
  const old = broken.filter((one) => one.code === 'old')
  return no(
    `${queries(old.length)} of ${to} ${verdict === 'unsafe' ? 'would fail' : 'would be slower'} on the new schema`,
  )
}

function indexesValid(result: Answered): Answer {
  if (!applied(result)) return unknown('the migration fails')
  const invalid = result.migration.at(-1)?.invalid ?? []
  return invalid.length === 0 ? yes('no index is INVALID at its end') : no(`INVALID: ${names(invalid)}`)
}

function concurrently(result: Answered): Answer {
  const blocking = result.findings.filter((one) => /-without-concurrently$/.test(one.rule) && one.severity !== 'note')
  return blocking.length === 0
    ? yes('no index of a table in use is built or dropped under a lock')
    : no(names(blocking.map(place)))
}

const QUESTIONS: readonly Question[] = [
  { item: 'Every index that a query needs is still there afterwards', answer: indexesNeeded },
  { item: "The plans of all queries were compared at production's size", answer: plansCompared },
  { item: 'No statement blocks reads or writes for longer than a second', answer: locksShort },
  { item: 'Waiting for locks has a limit (lock_timeout)', answer: lockTimeout },
  { item: 'Indexes are built and dropped CONCURRENTLY', answer: concurrently },
  { item: 'The release before runs on the new schema, so a rollback is possible', answer: rollbackSafe },
  { item: 'All indexes are valid at the end', answer: indexesValid },
]

/** The questions alone, for the template of pull requests. */
export const CHECKLIST: readonly string[] = QUESTIONS.map((question) => question.item)

/** Every question with its answer from a check. */
export const answerChecklist = (result: Answered): readonly ChecklistItem[] =>
  QUESTIONS.map(({ item, answer }) => ({ item, ...answer(result) }))
