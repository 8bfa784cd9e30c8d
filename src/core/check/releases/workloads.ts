/** The queries of a release: what its files say, with what production counted. */
import type { WorkloadQuery } from '../snapshot.ts'

/** A release's queries, with what had to be assumed. */
export interface ReleaseWorkload {
  readonly queries: readonly WorkloadQuery[]
  /** Sentences for the report. */
  readonly assumptions: readonly string[]
}

type Counts = Pick<WorkloadQuery, 'callsPerMinute' | 'meanMs' | 'rows' | 'role'>

const countsOf = ({ callsPerMinute, meanMs, rows, role }: WorkloadQuery): Counts => ({
  callsPerMinute,
  meanMs,
  rows,
  role,
})

const byFingerprint = (queries: readonly WorkloadQuery[]) => new Map(queries.map((query) => [query.fingerprint, query]))

/**
 * Gives the written queries of a release the counts of production. A query is known by its fingerprint; one that production
 * has not seen yet takes over the calls of the previous release's query of the same name, since it is asked for the same
 * purpose; its time is not known. Numbers in the file itself (`-- calls: …`) win over that.
 */
export function releaseWorkload(from: {
  readonly written: readonly WorkloadQuery[]
  readonly counted: readonly WorkloadQuery[]
  readonly previous: readonly WorkloadQuery[]
}): ReleaseWorkload {
  const counted = byFingerprint(from.counted)
  const previous = new Map(
    from.previous.flatMap((query) => (query.name === null ? [] : [[query.name, query] as const])),
  )
  const assumptions: string[] = []
  const queries = from.written.map((query): WorkloadQuery => {
    const seen = counted.get(query.fingerprint)
    if (seen) return { ...query, ...countsOf(seen), callsPerMinute: query.callsPerMinute ?? seen.callsPerMinute }
    const before = query.name === null ? undefined : previous.get(query.name)
    const calls = before && (counted.get(before.fingerprint)?.callsPerMinute ?? before.callsPerMinute)
    if (query.callsPerMinute !== null || calls === undefined || calls === null) return query
    assumptions.push(
      `${query.name} is new; it is taken to be called as often as the ${query.name} of the release before.`,
    )
    return { ...query, callsPerMinute: calls }
  })
  return { queries: [...byFingerprint(queries).values()], assumptions }
}

/**
 * Everything that runs in production while a release goes out: the queries of the new release, those of the old one that it
 * has no more (named with their release), and what production counted and no file knows (other services, reports by
 * hand). Written ones come first and win, since they still have their literals.
 */
export function wholeWorkload(of: {
  readonly written: readonly WorkloadQuery[]
  readonly old: readonly WorkloadQuery[]
  /** The release before. */
  readonly previous: string | null
  readonly counted: readonly WorkloadQuery[]
}): readonly WorkloadQuery[] {
  const { written, previous } = of
  const fresh = byFingerprint(written)
  const old = of.old
    .filter((query) => !fresh.has(query.fingerprint))
    .map((query) =>
      query.name === null || previous === null ? query : { ...query, name: `${query.name} of ${previous}` },
    )
  const known = byFingerprint([...written, ...old])
  return [...written, ...old, ...of.counted.filter((query) => !known.has(query.fingerprint))]
}
