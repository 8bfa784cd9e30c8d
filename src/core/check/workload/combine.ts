import type { WorkloadQuery } from '../snapshot.ts'

/**
 * Queries that somebody wrote down, with the counts of those that production ran, and then what else production ran.
 * What is written down wins over what was counted.
 */
export function combineWorkloads(
  written: readonly WorkloadQuery[],
  counted: readonly WorkloadQuery[],
): readonly WorkloadQuery[] {
  const counts = new Map(counted.map((query) => [query.fingerprint, query]))
  const seen = new Set<string>()
  const first = written.flatMap((query) => {
    if (seen.has(query.fingerprint)) return []
    seen.add(query.fingerprint)
    const found = counts.get(query.fingerprint)
    return {
      ...query,
      callsPerMinute: query.callsPerMinute ?? found?.callsPerMinute ?? null,
      meanMs: query.meanMs ?? found?.meanMs ?? null,
      rows: query.rows ?? found?.rows ?? null,
      role: query.role ?? found?.role ?? null,
    }
  })
  return [...first, ...counted.filter(({ fingerprint }) => !seen.has(fingerprint))]
}
