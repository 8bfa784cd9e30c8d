/** Which statement of a change made a plan bad: the last one before which it was good, if it stayed bad from there on. */
import type { AppliedStatement, PlannedQuery, SchemaState } from '../plans.ts'
import type { Phantom } from '../ports.ts'
import type { WorkloadQuery } from '../snapshot.ts'
import { MAX_ROUNDS, MAX_STATES_PER_ROUND } from './thresholds.ts'

/** A query that is good before the change and bad after it. */
export interface Suspect {
  readonly query: WorkloadQuery
  /** Whether the states that are looked at are those after ANALYZE. */
  readonly analysed: boolean
  /** Judges the query in a state in between. */
  readonly isBad: (planned: PlannedQuery) => boolean
}

/** Numbers of applied statements: good with `good` of them, bad with `bad`. */
interface Span {
  readonly suspect: Suspect
  readonly good: number
  readonly bad: number
}

/** The schema with so many statements of the change applied, and nothing else. */
export const stateAfter = (statements: number, analysed: boolean): SchemaState => ({
  statements,
  analysed,
  extra: [],
  jitter: null,
})

/** Evenly between, at most `most`. */
function pointsIn(span: Span, most: number): readonly number[] {
  const inside = span.bad - span.good - 1
  const count = Math.min(inside, most)
  const step = (inside + 1) / (count + 1)
  return Array.from({ length: count }, (_, at) => span.good + Math.round(step * (at + 1)))
}

/** The states of one round: all that the spans ask for, the first spans' first. */
function roundOf(spans: readonly Span[]): readonly number[] {
  const points = new Set<number>()
  for (const span of spans) {
    const free = MAX_STATES_PER_ROUND - points.size
    if (free === 0) break
    if ([...points].some((point) => point > span.good && point < span.bad)) continue
    for (const point of pointsIn(span, free)) points.add(point)
  }
  return [...points].sort((a, b) => a - b)
}

/** Plans are not assumed to stay bad once they are: of several turns from good to bad the last one counts. */
function narrowed(span: Span, seen: readonly { readonly at: number; readonly bad: boolean }[]): Span {
  const inside = seen.filter((one) => one.at > span.good && one.at < span.bad)
  const good = Math.max(span.good, ...inside.filter((one) => !one.bad).map((one) => one.at))
  const bad = Math.min(span.bad, ...inside.filter((one) => one.at > good).map((one) => one.at))
  return { ...span, good, bad }
}

async function search(phantom: Phantom, suspects: readonly Suspect[], signal: AbortSignal): Promise<readonly Span[]> {
  const analysed = suspects[0]?.analysed ?? false
  let spans: readonly Span[] = suspects.map((suspect) => ({ suspect, good: 0, bad: phantom.applied.length }))
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const open = spans.filter((span) => span.bad - span.good > 1)
    if (open.length === 0) break
    const points = roundOf(open)
    const states = points.map((point) => stateAfter(point, analysed))
    const planned = await phantom.planAll(
      open.map((span) => span.suspect.query),
      states,
      signal,
    )
    spans = spans.map((span) => {
      const row = open.indexOf(span)
      if (row === -1) return span
      const seen = points.flatMap((at, column) => {
        const one = planned[column]?.[row]
        return one === undefined ? [] : [{ at, bad: span.suspect.isBad(one) }]
      })
      return narrowed(span, seen)
    })
  }
  return spans
}

/**
 * All suspects share the states, and a round's states are made together: with up to nine statements one round tells all
 * of it. The answer has been seen: good with the statements before the one that is blamed, bad with it. A suspect is
 * missing from the answer when the rounds did not suffice.
 */
export async function blame(
  phantom: Phantom,
  suspects: readonly Suspect[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Suspect, AppliedStatement>> {
  const blamed = new Map<Suspect, AppliedStatement>()
  for (const analysed of [false, true]) {
    const group = suspects.filter((suspect) => suspect.analysed === analysed)
    for (const span of await search(phantom, group, signal)) {
      const statement = phantom.applied[span.bad - 1]
      if (statement !== undefined && span.bad - span.good === 1) blamed.set(span.suspect, statement)
    }
  }
  return blamed
}
