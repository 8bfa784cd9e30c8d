/** Which queries of the workload name which table. */
import { tokensOf } from '../../../postgres/tokens.ts'
import type { WorkloadQuery } from '../../snapshot.ts'

/** What the workload asks of a table. */
export interface TableUse {
  /** Most called first. */
  readonly queries: readonly WorkloadQuery[]
  /** Of all of them; null when nobody counted. */
  readonly callsPerMinute: number | null
}

/** Answers by table name; schemas are left aside, since most queries name none. */
export type UseOf = (table: string) => TableUse

const NOBODY: TableUse = { queries: [], callsPerMinute: 0 }

/** @param counted true when the workload's counts cover a time, so that a table without queries has none */
export function usesIn(workload: readonly WorkloadQuery[]): UseOf {
  const counted = workload.some(({ callsPerMinute }) => callsPerMinute !== null)
  const byName = new Map<string, WorkloadQuery[]>()
  for (const query of workload) {
    const names = tokensOf(query.text).flatMap(({ kind, text }) =>
      kind === 'word' ? [text] : kind === 'quoted' ? [text.slice(1, -1).replaceAll('""', '"')] : [],
    )
    for (const name of new Set(names)) {
      const of = byName.get(name)
      if (of === undefined) byName.set(name, [query])
      else of.push(query)
    }
  }
  const nobody = counted ? NOBODY : { ...NOBODY, callsPerMinute: null }
  return (table) => {
    const found = byName.get(table)
    if (found === undefined) return nobody
    const queries = [...found].sort((a, b) => (b.callsPerMinute ?? 0) - (a.callsPerMinute ?? 0))
    const calls = queries.reduce((sum, { callsPerMinute }) => sum + (callsPerMinute ?? 0), 0)
    return { queries, callsPerMinute: counted ? calls : null }
  }
}
