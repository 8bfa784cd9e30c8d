/** Tries queries on the schema before and after a change: which fail, and since which statement. */

import type { AppliedStatement, SchemaState } from '../plans.ts'
import type { Phantom } from '../ports.ts'
import type { WorkloadQuery } from '../snapshot.ts'

/** A query that fails in one state, in PostgreSQL's words. */
export interface FailedQuery {
  readonly query: WorkloadQuery
  readonly reason: string
}

/** The state after so many statements of the change. */
export const stateAfter = (statements: number): SchemaState => ({
  statements,
  analysed: false,
  extra: [],
  jitter: null,
})

/** Queries that cannot be planned or run in a state. A query that only needs other values is not told apart here. */
export async function failuresIn(
  phantom: Phantom,
  on: { readonly queries: readonly WorkloadQuery[]; readonly statements: number },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FailedQuery>> {
  const failed = new Map<string, FailedQuery>()
  const checks = await phantom.run(on.queries, stateAfter(on.statements), signal)
  for (const { query, error } of checks) {
    if (error === null) continue
    const code = error.sqlState === null ? '' : ` (${error.sqlState})`
    failed.set(query.fingerprint, { query, reason: `${error.message}${code}` })
  }
  return failed
}

/**
 * The statement since which each query fails: for every query the smallest number of applied statements with which it
 * fails although it did not before. All queries share the looks, so there are about log2 of the statements of them.
 */
export async function blameFailures(
  phantom: Phantom,
  failing: readonly WorkloadQuery[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, AppliedStatement>> {
  const { applied } = phantom
  const spans = new Map(failing.map((query) => [query.fingerprint, { query, good: 0, bad: applied.length }]))
  for (let round = 0; round <= applied.length; round += 1) {
    const open = [...spans.values()].filter((span) => span.bad - span.good > 1)
    if (open.length === 0) break
    const byMiddle = Map.groupBy(open, (span) => Math.floor((span.good + span.bad) / 2))
    for (const [statements, group] of byMiddle) {
      const failed = await failuresIn(phantom, { queries: group.map((span) => span.query), statements }, signal)
      for (const span of group) {
        const key = span.query.fingerprint
        spans.set(key, failed.has(key) ? { ...span, bad: statements } : { ...span, good: statements })
      }
    }
  }
  const blamed = new Map<string, AppliedStatement>()
  for (const [key, span] of spans) {
    const statement = applied[span.bad - 1]
    if (statement) blamed.set(key, statement)
  }
  return blamed
}
