/** Index advice: candidates are planned on the phantom, together first, then one by one; the best becomes a proposal. */
import { estimateDuration } from '../duration.ts'
import { ExtraRefused } from '../extra-refused.ts'
import type { PlannedQuery, SchemaState } from '../plans.ts'
import type { Phantom } from '../ports.ts'
import type { IndexAdvice } from '../result.ts'
import type { WorkloadQuery } from '../snapshot.ts'
import { type Candidate, candidateKey, candidatesFor, createIndex, droppedCandidates } from './candidates.ts'
import type { Catalogue } from './catalogue.ts'
import { proposedName } from './name.ts'
import { writeCost } from './writes.ts'

/** A query that should become cheaper. */
export interface Target {
  readonly query: WorkloadQuery
  /** As it is after the change. */
  readonly planned: PlannedQuery
  /** Of a regressed query: the variant that is shown, whose cost counts. Null: the mean over the custom variants. */
  readonly variant: string | null
}

/** Queries that get advice, those with most to gain first. */
export const MAX_TARGETS = 40
const MAX_CANDIDATES_PER_QUERY = 12
/** All in one state. */
const MAX_CANDIDATES = 60
/** Those that are then planned alone, each in a state of its own. */
const MAX_ALONE = 16
/** A smaller gain is not worth an index that every write pays for. */
const LEAST_GAIN = 0.3
const LEAST_SAVED_COST = 50
/** A simpler index, or one that serves more queries, is preferred when it is this close to the best. */
const CLOSE = 1.25
const PAGE_BYTES = 8192
/** Of an index entry beside its keys: tuple header, line pointer, alignment. */
const ENTRY_BYTES = 20
/** What a btree's pages hold at the most after a build (fillfactor 90). */
const FILL = 0.9

interface Named {
  readonly candidate: Candidate
  /** On the phantom. */
  readonly name: string
}

/** Costs of each target with one candidate alone. */
interface Tried extends Named {
  readonly state: SchemaState
  readonly costs: readonly number[]
}

const PREFIX = 'premortem_candidate_'

/** Planner units of a query's calls: the shown variant's, or the mean weighted by calls. */
function costOf(planned: PlannedQuery | undefined, variant: string | null): number {
  const variants = planned?.variants ?? []
  const shown = variants.find((one) => one.variant === variant)
  if (shown !== undefined) return shown.plan['Total Cost']
  const weight = variants.reduce((sum, one) => sum + one.weight, 0)
  if (weight === 0) return Math.min(...variants.map((one) => one.plan['Total Cost']))
  return variants.reduce((sum, one) => sum + one.weight * one.plan['Total Cost'], 0) / weight
}

/** Each query's simplest ones in turn, so that no query takes all the room. */
function collect(targets: readonly Target[], request: AdviceRequest): readonly Candidate[] {
  const { catalogue, phantom } = request
  const tables = new Set([...catalogue.before.values()].map(({ shape }) => shape.table))
  const lists = targets.map((one) => candidatesFor(one.planned, catalogue).slice(0, MAX_CANDIDATES_PER_QUERY))
  const found = new Map(
    droppedCandidates(catalogue, phantom.applied, tables)
      .slice(0, MAX_CANDIDATES)
      .map((candidate) => [candidateKey(candidate), candidate]),
  )
  for (let rank = 0; rank < MAX_CANDIDATES_PER_QUERY; rank++)
    for (const list of lists) {
      const candidate = list[rank]
      if (candidate === undefined || found.size >= MAX_CANDIDATES) continue
      const key = candidateKey(candidate)
      if (!found.has(key)) found.set(key, candidate)
    }
  return [...found.values()]
}

const namesIn = (planned: PlannedQuery | undefined): ReadonlySet<string> =>
  new Set(JSON.stringify(planned?.variants.map((one) => one.plan) ?? []).match(new RegExp(`${PREFIX}\\d+`, 'g')) ?? [])

function stateWith(phantom: Phantom, extra: readonly string[]): SchemaState {
  return { statements: phantom.applied.length, analysed: true, extra, jitter: null }
}

const ddl = ({ candidate, name }: Named): string => createIndex(candidate, name, false)

/** What the planner picks with all of them there, the dropped ones, and one simple one for each query that gains. */
function worthTrying(
  all: { readonly named: readonly Named[]; readonly planned: readonly PlannedQuery[] },
  targets: readonly Target[],
  catalogue: Catalogue,
): readonly Named[] {
  const picked = new Set<string>()
  const tables = new Set<string>()
  for (const [at, target] of targets.entries()) {
    const planned = all.planned[at]
    if (!gains(costOf(target.planned, target.variant), costOf(planned, target.variant))) continue
    for (const name of namesIn(planned)) picked.add(name)
    for (const candidate of candidatesFor(target.planned, catalogue)) tables.add(candidate.table)
  }
  const rank = (one: Named): number => {
    if (one.candidate.dropped !== null) return 0
    if (picked.has(one.name)) return 1
    return one.candidate.covering ? 3 : 2
  }
  return all.named
    .filter((one) => picked.has(one.name) || one.candidate.dropped !== null || tables.has(one.candidate.table))
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, MAX_ALONE)
}

const gains = (without: number, withIt: number): boolean =>
  without - withIt >= LEAST_SAVED_COST && withIt <= without * (1 - LEAST_GAIN)

/** An index that the change drops, when it helps: it has proven itself. Else, of those close to the best, what serves more queries, then the simplest. */
function bestFor(at: number, tried: readonly Tried[], costs: readonly number[]): Tried | null {
  const without = costs[at] ?? 0
  const cost = (one: Tried) => one.costs[at] ?? Number.POSITIVE_INFINITY
  const useful = tried.filter((one) => gains(without, cost(one)))
  const best = Math.min(...useful.map(cost))
  const close = useful.filter(
    (one) => one.candidate.dropped !== null || cost(one) <= best * CLOSE || cost(one) - best < LEAST_SAVED_COST,
  )
  const served = (one: Tried) => one.costs.filter((withIt, query) => gains(costs[query] ?? 0, withIt)).length
  const size = ({ candidate }: Tried) => candidate.columns.length + (candidate.covering ? 2 : 0)
  const [first] = close.toSorted(
    (a, b) =>
      Number(b.candidate.dropped !== null) - Number(a.candidate.dropped !== null) ||
      served(b) - served(a) ||
      size(a) - size(b) ||
      cost(a) - cost(b),
  )
  return first ?? null
}

/** Where the phantom knows no size, such as of an index over partitions. */
function modelledBytes(candidate: Candidate, catalogue: Catalogue): number {
  const relation = catalogue.relations.get(candidate.table)
  const width = candidate.columns.reduce(
    (sum, name) => sum + (relation?.columns.find((column) => column.column === name)?.avgWidth ?? 8),
    0,
  )
  return (rowsOf(candidate.table, catalogue) * (width + ENTRY_BYTES)) / FILL
}

const partsOf = (table: string, { relations, parents }: Catalogue) => {
  const parts = [...parents].flatMap(([child, parent]) => (parent === table ? (relations.get(child) ?? []) : []))
  const own = relations.get(table)
  return parts.length > 0 ? parts : own === undefined ? [] : [own]
}
const rowsOf = (table: string, catalogue: Catalogue): number =>
  partsOf(table, catalogue).reduce((sum, one) => sum + Math.max(0, one.reltuples), 0)

/** What is asked. */
export interface AdviceRequest {
  readonly phantom: Phantom
  readonly catalogue: Catalogue
  /** All of it: for the writes that an index makes dearer. */
  readonly workload: readonly WorkloadQuery[]
  /** Regressed queries, then the costliest of the rest. */
  readonly targets: readonly Target[]
  readonly signal: AbortSignal
}

function whyOf(tried: Tried, served: number, hotLost: readonly string[]): string {
  const { candidate } = tried
  const parts = [
    candidate.dropped === null
      ? null
      : `It is the index that ${candidate.dropped.by.file}:${candidate.dropped.by.line} drops: keep it instead.`,
    served > 1 ? `It serves ${served} queries of the workload.` : null,
    candidate.partial ? 'It holds only the rows that the query asks for.' : null,
    candidate.covering ? 'The query is answered from it alone.' : null,
    hotLost.length === 0
      ? null
      : `Updates of ${hotLost.join(', ')} stop being heap-only: every one writes all indexes of the table.`,
  ]
  return parts.filter((part) => part !== null).join(' ') || 'The planner takes it when it is there.'
}

async function adviceOf(tried: Tried, at: number, request: AdviceRequest & { readonly without: readonly number[] }) {
  const { phantom, catalogue, workload, signal, without } = request
  const { candidate } = tried
  const size = await phantom.sizeOf(tried.name, tried.state, signal)
  const bytes = size?.bytes ?? modelledBytes(candidate, catalogue)
  const others = [...catalogue.after.values()].filter(({ shape }) => shape.table === candidate.table)
  const indexed = new Set(
    others.flatMap(({ shape }) => [...shape.keys.flatMap((key) => key.column ?? []), ...shape.include]),
  )
  const { perMinute, hotLost } = writeCost(workload, { ...candidate, indexed })
  const tableBytes = partsOf(candidate.table, catalogue).reduce((sum, one) => sum + one.pages * PAGE_BYTES, 0)
  const [all, held] = [rowsOf(candidate.table, catalogue), size?.rows ?? -1]
  const span = estimateDuration('index-build', {
    // A partial index reads the whole table and sorts only what it holds.
    rows: candidate.partial && held >= 0 ? Math.min(held, all) : all,
    tableBytes,
    indexBytes: bytes,
  })
  const served = tried.costs.filter((cost, query) => gains(without[query] ?? 0, cost)).length
  const partitioned = catalogue.relations.get(candidate.table)?.kind === 'p'
  const name =
    candidate.dropped?.name ?? proposedName(candidate, new Set([...catalogue.before.keys(), ...catalogue.after.keys()]))
  const sql = createIndex(candidate, name, !partitioned)
  const onParts = partitioned
    ? ` On a partitioned table build it CONCURRENTLY on each partition first, so that this only attaches them.`
    : ''
  return {
    sql,
    why: `${whyOf(tried, served, hotLost)}${onParts}`,
    costWithout: without[at] ?? 0,
    costWith: tried.costs[at] ?? 0,
    bytes: Math.round(bytes),
    buildMs: { low: Math.round(span.lowMs), high: Math.round(span.highMs) },
    writesPerMinute: perMinute,
  } satisfies IndexAdvice
}

/**
 * Plans with all candidates that PostgreSQL takes: one on an expression that is not immutable, say, is left out, and the others
 * are tried without it.
 */
async function planAccepted(
  named: readonly Named[],
  queries: readonly WorkloadQuery[],
  { phantom, signal }: Pick<AdviceRequest, 'phantom' | 'signal'>,
): Promise<{ readonly taken: readonly Named[]; readonly planned: readonly PlannedQuery[] }> {
  let taken = named
  // Each round leaves one out, so there are no more rounds than candidates.
  while (taken.length > 0) {
    try {
      return { taken, planned: await phantom.plan(queries, stateWith(phantom, taken.map(ddl)), signal) }
    } catch (error) {
      const left = error instanceof ExtraRefused ? taken.filter((one) => ddl(one) !== error.sql) : taken
      if (left.length === taken.length) throw error
      taken = left
    }
  }
  return { taken: [], planned: [] }
}

/** Answers with one proposal for each target that an index helps; those that none helps are missing. */
export async function advise(request: AdviceRequest): Promise<ReadonlyMap<WorkloadQuery, IndexAdvice>> {
  const { phantom, signal, catalogue } = request
  const targets = request.targets.slice(0, MAX_TARGETS)
  const advice = new Map<WorkloadQuery, IndexAdvice>()
  const named = collect(targets, request).map((candidate, at): Named => ({ candidate, name: `${PREFIX}${at + 1}` }))
  if (named.length === 0) return advice
  const queries = targets.map((target) => target.query)
  const { taken, planned } = await planAccepted(named, queries, { phantom, signal })
  const alone = worthTrying({ named: taken, planned }, targets, catalogue)
  if (alone.length === 0) return advice
  const states = alone.map((one) => stateWith(phantom, [ddl(one)]))
  const results = await phantom.planAll(queries, states, signal)
  const without = targets.map((target) => costOf(target.planned, target.variant))
  const tried = alone.flatMap((one, at): readonly Tried[] => {
    const state = states[at]
    const costs = targets.map((target, query) => costOf(results[at]?.[query], target.variant))
    return state === undefined ? [] : [{ ...one, state, costs }]
  })
  for (const [at, target] of targets.entries()) {
    const best = bestFor(at, tried, without)
    if (best !== null) advice.set(target.query, await adviceOf(best, at, { ...request, without }))
  }
  return advice
}
