/** May one go back? The old release's queries on the new schema, the new one's on the old, and the order that is safe. */
import type { Phantom } from '../ports.ts'
import type { BrokenQuery, PlanReport, RollbackSafety } from '../result.ts'
import type { WorkloadQuery } from '../snapshot.ts'
import type { ParsedFile } from '../sql.ts'
import { sequenceOf } from './sequence.ts'
import { blameFailures, type FailedQuery, failuresIn } from './tried.ts'

/** What is tried. */
export interface RollbackQuestion {
  readonly phantom: Phantom
  /** Queries of the release that runs now, and of the one to come. */
  readonly old: readonly WorkloadQuery[]
  readonly new: readonly WorkloadQuery[]
  /** Comparisons of the old release's queries, before against after the change. */
  readonly oldPlans: readonly PlanReport[]
  readonly files: readonly ParsedFile[]
  /** The release that one would go back to; null when no name is known. */
  readonly target: string | null
  readonly signal: AbortSignal
}

/**
 * Tries both directions. A query counts as broken by the change when it fails on one schema and not on the other, with
 * the same values; one that fails on both says nothing about the change.
 */
export async function judgeRollback(question: RollbackQuestion): Promise<RollbackSafety> {
  const { phantom, signal, target } = question
  if (phantom.failure !== null) return unknown(target)
  const all = phantom.applied.length
  const both = [...new Map([...question.old, ...question.new].map((query) => [query.fingerprint, query])).values()]
  const onOld = await failuresIn(phantom, { queries: both, statements: 0 }, signal)
  const onNew = await failuresIn(phantom, { queries: both, statements: all }, signal)
  const lost = question.old.filter((query) => onNew.has(query.fingerprint) && !onOld.has(query.fingerprint))
  const early = question.new.filter((query) => onOld.has(query.fingerprint) && !onNew.has(query.fingerprint))
  const nowhere = both.filter((query) => onNew.has(query.fingerprint) && onOld.has(query.fingerprint))
  const blamed = await blameFailures(phantom, lost, signal)
  const broken: BrokenQuery[] = [
    ...lost.map((query) => failure(query, onNew.get(query.fingerprint), { code: 'old', schema: 'new' } as const)),
    ...early.map((query) => failure(query, onOld.get(query.fingerprint), { code: 'new', schema: 'old' } as const)),
    ...question.oldPlans.filter((report) => report.regressed).map(slowed),
  ].map((query) => {
    const statement = query.code === 'old' && query.kind === 'error' ? blamed.get(query.fingerprint) : undefined
    if (statement === undefined) return query
    return { ...query, blamedOn: { file: statement.file, line: statement.line, sql: statement.sql } }
  })
  const order = orderOf(lost.length > 0, early.length > 0)
  return {
    verdict: verdictOf(broken),
    target,
    broken,
    order,
    sequence: [...sequenceOf({ files: question.files, broken, order }), ...untried(nowhere, onNew)],
  }
}

/** Queries that fail on both schemas say nothing about the change, and nothing is known of them. */
function untried(queries: readonly WorkloadQuery[], why: ReadonlyMap<string, FailedQuery>): readonly string[] {
  if (queries.length === 0) return []
  const [first] = queries
  const reason = first === undefined ? '' : (why.get(first.fingerprint)?.reason ?? '')
  const name = first?.name ?? 'the first'
  const count = queries.length === 1 ? '1 query fails' : `${queries.length} queries fail`
  return [`${count} on both schemas with the values that were tried, so nothing is known of them: ${name}: ${reason}.`]
}

const unknown = (target: string | null): RollbackSafety => ({
  verdict: 'unknown',
  target,
  broken: [],
  order: 'any',
  sequence: ['The migration fails, so nothing can be said about going back from it.'],
})

function failure(
  query: WorkloadQuery,
  failed: FailedQuery | undefined,
  where: Pick<BrokenQuery, 'code' | 'schema'>,
): BrokenQuery {
  const { text, name, fingerprint } = query
  return { query: text, name, fingerprint, ...where, kind: 'error', reason: failed?.reason ?? '', blamedOn: null }
}

const slowed = (report: PlanReport): BrokenQuery => ({
  query: report.query,
  name: report.name,
  fingerprint: report.fingerprint,
  code: 'old',
  schema: 'new',
  kind: 'regressed',
  reason: report.message,
  blamedOn: report.blamedOn,
})

function verdictOf(broken: readonly BrokenQuery[]): RollbackSafety['verdict'] {
  const old = broken.filter((query) => query.code === 'old')
  if (old.some((query) => query.kind === 'error')) return 'unsafe'
  return old.length > 0 ? 'regressed' : 'safe'
}

function orderOf(oldBreaksOnNew: boolean, newBreaksOnOld: boolean): RollbackSafety['order'] {
  if (oldBreaksOnNew && newBreaksOnOld) return 'split-needed'
  if (oldBreaksOnNew) return 'code-first'
  return newBreaksOnOld ? 'schema-first' : 'any'
}
