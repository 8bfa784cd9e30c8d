/** Everything that `check` says about plans: judged, scored, advised, and put into reports and findings. */
import { advise, type Target } from '../advice/advise.ts'
import type { Catalogue } from '../advice/catalogue.ts'
import { indexesUsed, newIndexFindings, type UnusedIndex, unusedIndexes } from '../advice/unused.ts'
import type { Finding } from '../finding.ts'
import type { AppliedStatement, PlannedQuery } from '../plans.ts'
import type { Phantom, Progress } from '../ports.ts'
import type { IndexAdvice, PlanReport, UnplannedQuery } from '../result.ts'
import type { Snapshot, WorkloadQuery } from '../snapshot.ts'
import { addedMsPerMinute, brokenFinding, fragileFinding, type Judged, regressionFinding } from './findings.ts'
import { type Fragility, scoreFragility } from './fragility.ts'
import { compareOptions, type Judgement, judgeWorkload } from './judge.ts'
import { onlyAfterReport, type ReportParts, reportOf, unplannedOf } from './report.ts'
import { ASSUMED_CALLS_PER_MINUTE, FRAGILE_SHARE, FRAGILITY_SEEDS } from './thresholds.ts'
import type { RowsOf } from './words.ts'

/** What is judged. */
export interface JudgeRequest {
  readonly phantom: Phantom
  readonly snapshot: Snapshot
  /** Queries with one fingerprint and role are judged once. */
  readonly workload: readonly WorkloadQuery[]
  /** Statements that the phantom has applied before the change began. Default none. */
  readonly earlier?: readonly AppliedStatement[]
  readonly signal: AbortSignal
  /** Monotonic milliseconds, for `timings`. */
  readonly monotonic: () => number
  readonly options?: {
    /** Score how easily plans flip. Default true. */
    readonly fragility?: boolean
    /** Propose indexes. Default true. */
    readonly advice?: boolean
  }
  readonly onProgress?: Progress
}

/** What `judgePlans` finds. */
export interface PlanJudgement {
  /** Regressed ones first, by the database time they add; then improved ones; then the rest. */
  readonly plans: readonly PlanReport[]
  readonly unplanned: readonly UnplannedQuery[]
  readonly findings: readonly Finding[]
  readonly unusedIndexes: readonly UnusedIndex[]
  /** Milliseconds: `plans`, `fragility`, `advice`. */
  readonly timings: Readonly<Record<string, number>>
}

/** Queries below this cost times calls a minute are not looked at for advice unless they regressed. */
const SLOW_LOAD = 100_000
/** The costliest queries that get advice although nothing happened to them. */
const MAX_SLOW = 15

function distinct(workload: readonly WorkloadQuery[]): readonly WorkloadQuery[] {
  const found = new Map<string, WorkloadQuery>()
  for (const query of workload) {
    const key = `${query.fingerprint} ${query.role ?? ''}`
    if (!found.has(key)) found.set(key, query)
  }
  return [...found.values()]
}

function rowsIn({ relations, parents }: Catalogue): RowsOf {
  return (table) => {
    const parts = [...parents].flatMap(([child, parent]) => (parent === table ? (relations.get(child) ?? []) : []))
    const all = parts.length > 0 ? parts : [relations.get(table)]
    return all.reduce<number | null>((sum, one) => {
      const rows = one?.reltuples ?? -1
      return sum === null || rows < 0 ? null : sum + rows
    }, 0)
  }
}

/** By the database time that they add or save; unchanged ones by what they cost in all. */
function ranked(judged: readonly Judged[]): readonly Judged[] {
  const rank = ({ comparison }: Judged) => (comparison.regressed ? 0 : comparison.improved ? 1 : 2)
  const load = (one: Judged) =>
    rank(one) === 2
      ? one.comparison.shown.comparison.costAfter * (one.query.callsPerMinute ?? ASSUMED_CALLS_PER_MINUTE)
      : Math.abs(addedMsPerMinute(one))
  return judged.toSorted((a, b) => rank(a) - rank(b) || load(b) - load(a))
}

/** Regressed queries for as long as that holds after ANALYZE, then those that take most of the database's time. */
function targetsOf(judged: readonly Judged[], planned: ReadonlyMap<WorkloadQuery, PlannedQuery>): readonly Target[] {
  const lasting = judged.filter((one) => one.comparison.regressed && one.holds !== 'right-after')
  const load = ({ query, comparison }: Judged) =>
    comparison.shown.comparison.costAfter * (query.callsPerMinute ?? ASSUMED_CALLS_PER_MINUTE)
  const slow = judged
    .filter((one) => !one.comparison.regressed && load(one) >= SLOW_LOAD)
    .toSorted((a, b) => load(b) - load(a))
    .slice(0, MAX_SLOW)
  return [...lasting, ...slow].flatMap(({ query, comparison }): readonly Target[] => {
    const plans = planned.get(query)
    const variant = comparison.regressed ? comparison.shown.before.variant : null
    return plans === undefined ? [] : [{ query, planned: plans, variant }]
  })
}

interface Extras {
  readonly advice: ReadonlyMap<WorkloadQuery, IndexAdvice>
  readonly fragility: ReadonlyMap<WorkloadQuery, Fragility>
}

interface Known extends Extras {
  readonly planned: Judgement['planned']
  readonly rowsOf: RowsOf
}

function partsOf(query: WorkloadQuery, { planned, rowsOf, advice, fragility }: Known): ReportParts {
  return {
    rowsOf,
    advice: advice.get(query) ?? null,
    fragility: fragility.get(query)?.score ?? null,
    remarks: planned.get(query)?.remarks ?? [],
  }
}

function fragileFindings(fragility: Extras['fragility']): readonly Finding[] {
  return [...fragility.values()]
    .filter((one) => one.score >= FRAGILE_SHARE)
    .map((one) => fragileFinding({ ...one, isNew: (one.scoreBefore ?? 0) < FRAGILE_SHARE, seeds: FRAGILITY_SEEDS }))
}

function assembled(judgement: Judgement, extras: Extras): Omit<PlanJudgement, 'timings'> {
  const { broken, onlyAfter, never, catalogue, planned } = judgement
  const rowsOf = rowsIn(catalogue)
  const known = { ...extras, planned, rowsOf }
  const judged = ranked(judgement.judged)
  const regressed = judged.filter((one) => one.comparison.regressed)
  const used = indexesUsed([...planned.values()])
  const late = onlyAfter.flatMap((one) => onlyAfterReport(one, partsOf(one.query, known)) ?? [])
  return {
    plans: [...judged.map((one) => reportOf(one, partsOf(one.query, known))), ...late],
    unplanned: [
      ...broken.map((one) => unplannedOf(one.planned.query, one.planned)),
      ...never.map(({ query, analysed }) => unplannedOf(query, analysed)),
    ],
    findings: [
      ...broken.map((one) => brokenFinding(one.planned, one.blamedOn)),
      ...regressed.map((one) => regressionFinding(one, { rowsOf, advice: extras.advice.get(one.query) ?? null })),
      ...fragileFindings(extras.fragility),
      ...newIndexFindings(catalogue, used),
    ],
    unusedIndexes: unusedIndexes(catalogue, used),
  }
}

/**
 * Plans the workload before, right after and well after the change and says what gets worse, since which line, and what would
 * help. Nothing is dropped: a query is in `plans` or in `unplanned`.
 *
 * @throws Problem when the phantom cannot make a state; the signal's reason when it is aborted
 */
export async function judgePlans(request: JudgeRequest): Promise<PlanJudgement> {
  const { phantom, snapshot, earlier = [], signal, monotonic, options = {}, onProgress = () => undefined } = request
  const workload = distinct(request.workload)
  const began = monotonic()
  const judgement = await judgeWorkload({ phantom, snapshot, workload, earlier, signal })
  const { planned, catalogue } = judgement
  const compared = monotonic()
  onProgress(`${planned.size} queries planned before and after`)
  const fragility =
    options.fragility === false || planned.size === 0
      ? new Map<WorkloadQuery, Fragility>()
      : await scoreFragility({
          phantom,
          planned: [...planned.values()],
          options: compareOptions(snapshot, catalogue),
          signal,
        })
  const scored = monotonic()
  const advice =
    options.advice === false
      ? new Map<WorkloadQuery, IndexAdvice>()
      : await advise({
          phantom,
          catalogue,
          workload,
          targets: targetsOf(ranked(judgement.judged), planned),
          signal,
        })
  const timings = { plans: compared - began, fragility: scored - compared, advice: monotonic() - scored }
  return { ...assembled(judgement, { advice, fragility }), timings }
}
