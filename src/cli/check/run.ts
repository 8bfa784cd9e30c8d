/** `premortem check` without its command line: from what was read to the result. */
import { type Clock, elapsed, epochMs } from '../../base/time.ts'
import type { Finding } from '../../core/check/finding.ts'
import { answerChecklist } from '../../core/check/gate/checklist.ts'
import { verdictOf } from '../../core/check/gate/verdict.ts'
import { lint } from '../../core/check/lint/lint.ts'
import { judgePlans } from '../../core/check/plan-judge/judge-plans.ts'
import type { Phantom, Progress } from '../../core/check/ports.ts'
import { compareReleases } from '../../core/check/releases/compare.ts'
import { phantomAfter } from '../../core/check/releases/phantom-after.ts'
import type { CheckResult } from '../../core/check/result.ts'
import { judgeRollback } from '../../core/check/rollback/safety.ts'
import type { ParsedFile } from '../../core/check/sql.ts'
import type { CheckInputs } from './inputs.ts'
import { embeddedPhantoms } from './phantom-server.ts'

const DAY_MS = 86_400_000

/** What a check needs beside its inputs. */
export interface CheckSurroundings {
  /** The `.premortem` folder. */
  readonly root: string
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onProgress: Progress
  /** Whether plans are scored for how easily they flip, which takes most of the time. Default true. */
  readonly fragility?: boolean
}

type Timings = Record<string, number>

type Timed = <T>(name: string, work: () => Promise<T> | T) => Promise<T>

/** Writes down how long each part took. */
const timerOn =
  (timings: Timings, clock: Clock): Timed =>
  async (name, work) => {
    const started = clock.monotonic()
    try {
      return await work()
    } finally {
      timings[name] = Math.round(clock.monotonic() - started)
    }
  }

/** Statements that run by themselves: those found inside DO blocks run with their block. */
const statementsIn = (files: readonly ParsedFile[]): number =>
  files.reduce((sum, file) => sum + file.statements.filter((one) => one.origin === 'file').length, 0)

/**
 * Lints the change, tries it on a phantom of production, compares the plans of the workload before and after, and tries the
 * way back. The phantom is gone when it returns.
 * @throws Problem when no phantom can be made; the reason of the signal
 */
export async function runCheck(inputs: CheckInputs, around: CheckSurroundings): Promise<CheckResult> {
  const { snapshot, pending, config } = inputs
  const timings: Timings = {}
  const timed = timerOn(timings, around.clock)
  const started = around.clock.monotonic()
  around.onProgress(`lint: ${pending.own.length} files`)
  const linted = await timed('lint', () =>
    lint({ files: pending.own, earlier: pending.earlier, snapshot, parser: inputs.parser, config: config.lint }),
  )
  around.onProgress("the phantom: production's schema and statistics on an empty server")
  const phantoms = embeddedPhantoms({ root: around.root, onProgress: around.onProgress })
  const files = [...pending.earlier, ...pending.own]
  const phantom = await timed('phantom', () => phantoms.open({ snapshot, files }, around.signal))
  try {
    const tried = await tryOut({ inputs, around, phantom, timed })
    timings.total = Math.round(around.clock.monotonic() - started)
    return assemble(inputs, around, {
      ...tried,
      findings: told(linted.findings, tried.findings),
      timings,
      skipped: phantom.skipped,
    })
  } finally {
    await phantom.close()
  }
}

/** What the parser refuses, the server refuses as well: that is said once, at the column that the parser knows. */
function told(linted: readonly Finding[], tried: readonly Finding[]): readonly Finding[] {
  const failing = tried.find(({ rule }) => rule === 'migration-fails')
  const refused = linted.find(
    ({ rule, file, line }) => rule === 'syntax-error' && file === failing?.file && line === failing?.line,
  )
  const rest = linted.filter((one) => one !== refused)
  if (refused === undefined) return [...rest, ...tried]
  return [...rest, ...tried.map((one) => (one === failing ? { ...one, column: refused.column } : one))]
}

type Tried = Pick<CheckResult, 'findings' | 'plans' | 'rollbackSafety' | 'unplanned' | 'migration' | 'unusedIndexes'>

interface Trying {
  readonly inputs: CheckInputs
  readonly around: CheckSurroundings
  readonly phantom: Phantom
  readonly timed: Timed
}

async function tryOut({ inputs, around, phantom: whole, timed }: Trying): Promise<Tried> {
  const { snapshot, pending } = inputs
  const { signal, onProgress, clock } = around
  const from = Math.min(statementsIn(pending.earlier), whole.applied.length)
  const phantom = phantomAfter(whole, from)
  onProgress(`plans: ${inputs.newWorkload.length} queries, before and after`)
  const judged = await timed('plans', () =>
    judgePlans({
      phantom,
      snapshot,
      workload: inputs.newWorkload,
      signal,
      earlier: whole.applied.slice(0, from),
      monotonic: () => clock.monotonic(),
      options: { fragility: around.fragility ?? true },
      onProgress,
    }),
  )
  const byFingerprint = new Map(judged.plans.map((plan) => [plan.fingerprint, plan]))
  const oldPlans = inputs.oldWorkload.flatMap((query) => {
    const plan = byFingerprint.get(query.fingerprint)
    return plan === undefined ? [] : [{ ...plan, name: query.name }]
  })
  onProgress('the way back: each release on the schema of the other')
  const rollbackSafety = await timed('rollback', () =>
    judgeRollback({
      phantom,
      old: inputs.oldWorkload,
      new: inputs.newWorkload,
      oldPlans,
      files: pending.own,
      target: inputs.previous,
      signal,
    }),
  )
  const places = new Map(
    inputs.newWorkload.flatMap(({ fingerprint, file, line }) =>
      file === null || line === null ? [] : [[fingerprint, { file, line }] as const],
    ),
  )
  const written = judged.plans.filter((plan) => places.has(plan.fingerprint))
  const costlier = compareReleases({ old: oldPlans, new: written }, (fingerprint) => places.get(fingerprint) ?? null)
  return {
    findings: [...failureOf(phantom), ...judged.findings, ...costlier],
    plans: judged.plans,
    rollbackSafety,
    unplanned: judged.unplanned,
    migration: phantom.applied,
    unusedIndexes: judged.unusedIndexes,
  }
}

/** A migration that fails on production's schema. */
function failureOf({ failure }: Phantom): readonly Finding[] {
  if (failure === null) return []
  const code = failure.sqlState === null ? '' : ` (${failure.sqlState})`
  return [
    {
      rule: 'migration-fails',
      severity: 'error',
      file: failure.file,
      line: failure.line,
      column: 1,
      message: `The migration fails on production's schema: ${failure.message}${code}. What follows it was not tried.`,
      remedy: 'Correct the statement; or take a new snapshot if production has changed since.',
    },
  ]
}

function ageOf(inputs: CheckInputs, around: CheckSurroundings): readonly Finding[] {
  const { snapshot, config } = inputs
  const age = elapsed({ from: epochMs(Date.parse(snapshot.takenAt)), to: around.clock.now() }) / DAY_MS
  if (!(age > config.policy.maxSnapshotAgeDays)) return []
  return [
    {
      rule: 'snapshot-old',
      severity: 'warning',
      file: null,
      line: null,
      column: null,
      message: `The snapshot is ${Math.floor(age)} days old; production has grown and changed since ${snapshot.takenAt.slice(0, 10)}.`,
      remedy: 'Take a new one: premortem snapshot --url …',
    },
  ]
}

function assemble(
  inputs: CheckInputs,
  around: CheckSurroundings,
  parts: Tried & Pick<CheckResult, 'timings' | 'skipped'>,
): CheckResult {
  const { snapshot, pending, config } = inputs
  const base = {
    schema: 'https://premortem.dev/schema/check-1.json' as const,
    release: inputs.release,
    files: pending.own.map((file) => file.path),
    ...parts,
    findings: [...parts.findings, ...ageOf(inputs, around)],
    missing: snapshot.missing,
    assumptions: inputs.assumptions,
  }
  return { ...base, ...verdictOf(base, config.policy), checklist: answerChecklist(base) }
}
