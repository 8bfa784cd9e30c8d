/**
 * What is different between two plans of one query, and whether it is worse. Tables are matched by alias and occurrence,
 * never by name alone, so a table that a query uses twice stays two.
 */
import type { PlanNode } from '../../postgres/plan-node.ts'
import type { PlanChangeKind } from '../result.ts'
import { DEFAULT_MEMORY, type Memory, spillsOf } from './spill.ts'
import { REGRESSED_FACTOR, REGRESSED_FACTOR_SAME_PLAN, REGRESSED_FLOOR, TIE_COST, TIE_FACTOR } from './thresholds.ts'
import {
  type Access,
  type AccessMethod,
  type IndexKeyOf,
  type PlanTree,
  readTree,
  type Step,
  type Way,
} from './tree.ts'

/** A kind of change that has a place. */
export type StructuralKind = Exclude<PlanChangeKind, 'cost-only' | 'improved' | 'none'>

/** One difference. */
export interface PlanChange {
  readonly kind: StructuralKind
  /** Alias of the table, or those of the tables below a join or sort, with commas. */
  readonly where: string
  /** Such as `Seq Scan instead of Index Scan using p_created`. */
  readonly what: string
}

/** Two plans of one query, compared. Costs are the planner's units. */
export interface PlanComparison {
  /** The worst change; `improved` when the plan got better; `cost-only` when only its cost moved. */
  readonly kind: PlanChangeKind
  readonly verdict: 'worse' | 'better' | 'neutral'
  /** Worst first. Empty when both do the same, whatever they cost. */
  readonly changes: readonly PlanChange[]
  readonly costBefore: number
  readonly costAfter: number
}

/** What the comparison must know besides the plans. */
export interface CompareOptions {
  /** Default: PostgreSQL's defaults. */
  readonly memory?: Memory
  /** Default: the name. Give each side's own, so that an index that was only renamed is the same index. */
  readonly indexKeys?: { readonly before: IndexKeyOf; readonly after: IndexKeyOf }
}

/** Worst first. */
const ORDER: readonly StructuralKind[] = [
  'index-to-seq-scan',
  'index-only-to-index',
  'index-changed',
  'access-changed',
  'join-changed',
  'sort-added',
  'spill-added',
  'parallel-changed',
]

const WORDS: Readonly<Record<AccessMethod, string>> = {
  seq: 'Seq Scan',
  'index-only': 'Index Only Scan',
  index: 'Index Scan',
  bitmap: 'Bitmap Heap Scan',
  tid: 'Tid Scan',
  sample: 'Sample Scan',
  other: 'scan',
}
const wordsOf = (way: Way): string =>
  way.indexNames.length === 0 ? WORDS[way.method] : `${WORDS[way.method]} using ${way.indexNames.join(' and ')}`

const usesIndex = (way: Way): boolean => way.indexes.length > 0 || way.method === 'tid'

function kindOfWays(before: Way, after: Way): StructuralKind | null {
  if (before.method === after.method) {
    const same = before.indexes.join() === after.indexes.join() && before.searched.join() === after.searched.join()
    return same ? null : 'index-changed'
  }
  if (after.method === 'seq' && usesIndex(before)) return 'index-to-seq-scan'
  if (before.method === 'index-only' && usesIndex(after)) return 'index-only-to-index'
  const sameIndexes = before.indexes.join() === after.indexes.join()
  return usesIndex(before) && usesIndex(after) && !sameIndexes ? 'index-changed' : 'access-changed'
}

function changesOfAccess(before: Access, after: Access): readonly PlanChange[] {
  const where = before.alias
  const changes: PlanChange[] = []
  for (const [relation, way] of after.ways) {
    const old = before.ways.get(relation)
    const kind = old === undefined ? null : kindOfWays(old, way)
    if (old !== undefined && kind !== null)
      changes.push({ kind, where, what: `${wordsOf(way)} instead of ${wordsOf(old)}` })
  }
  // Partitions of one table change alike: one sentence, the worst one's.
  const worst = worstFirst(changes).slice(0, 1)
  const shared = [...after.ways.keys()].some((relation) => before.ways.has(relation))
  if (before.ways.size === after.ways.size && shared) return worst
  const partitions = `${after.ways.size} partitions or tables read instead of ${before.ways.size}`
  return [...worst, ...(shared ? [] : disjoint(before, after)), { kind: 'access-changed', where, what: partitions }]
}

/** Nothing in common by name: a table that was replaced, or one that became partitioned. */
function disjoint(before: Access, after: Access): readonly PlanChange[] {
  const [old, now] = [[...before.ways.values()][0], [...after.ways.values()][0]]
  const kind = old === undefined || now === undefined ? null : kindOfWays(old, now)
  if (old === undefined || now === undefined || kind === null) return []
  return [{ kind, where: before.alias, what: `${wordsOf(now)} instead of ${wordsOf(old)}` }]
}

function accessChanges(before: PlanTree, after: PlanTree): readonly PlanChange[] {
  const changes: PlanChange[] = []
  const lost = [...before.accesses.values()].filter((access) => !after.accesses.has(access.alias))
  const come: Access[] = []
  for (const access of after.accesses.values()) {
    const old = before.accesses.get(access.alias)
    if (old === undefined) come.push(access)
    else changes.push(...changesOfAccess(old, access))
  }
  // PostgreSQL numbers aliases by what is left in the plan: the same table may come back under another number.
  for (const access of come) {
    const at = lost.findIndex((one) => one.relation === access.relation)
    const [old] = at === -1 ? [] : lost.splice(at, 1)
    if (old === undefined) changes.push({ kind: 'access-changed', where: access.alias, what: `reads ${access.alias}` })
    else changes.push(...changesOfAccess(old, access))
  }
  for (const one of lost)
    changes.push({ kind: 'access-changed', where: one.alias, what: `no longer reads ${one.alias}` })
  return changes
}

/** What is on the right and not on the left, each as often as it is more. */
function surplus<T>(left: readonly T[], right: readonly T[], key: (one: T) => string): readonly T[] {
  const counts = new Map<string, number>()
  for (const one of left) counts.set(key(one), (counts.get(key(one)) ?? 0) + 1)
  return right.filter((one) => {
    const count = counts.get(key(one)) ?? 0
    counts.set(key(one), count - 1)
    return count <= 0
  })
}

const joinKey = (step: Step): string => `${step.what}|${step.sides.map((side) => side.join()).join(';')}`
const stepKey = (step: { readonly what: string; readonly tables: readonly string[] }): string =>
  `${step.what}|${step.tables.join()}`

function joinChanges(before: PlanTree, after: PlanTree): readonly PlanChange[] {
  const come = surplus(before.joins, after.joins, joinKey)
  const gone = surplus(after.joins, before.joins, joinKey)
  return come.length === 0 && gone.length > 0
    ? gone.map((step) => ({ kind: 'join-changed', where: step.tables.join(', '), what: `no ${step.what} any more` }))
    : come.map((step, at) => {
        const old = gone.find((one) => one.tables.join() === step.tables.join()) ?? gone[at]
        const swapped = old?.what === step.what ? `${step.what} in another order` : null
        const what = swapped ?? (old === undefined ? step.what : `${step.what} instead of ${old.what}`)
        return { kind: 'join-changed', where: step.tables.join(', '), what }
      })
}

function sortChanges(before: PlanTree, after: PlanTree): readonly PlanChange[] {
  const distinct = (tree: PlanTree) => [...new Map(tree.sorts.map((step) => [stepKey(step), step])).values()]
  return surplus(distinct(before), distinct(after), stepKey).map((step) => {
    const keys = (step.node['Sort Key'] ?? []).join(', ')
    const incremental = before.sorts.some((one) => one.what !== step.what && one.tables.join() === step.tables.join())
    const instead = incremental ? ` instead of ${step.what === 'Sort' ? 'Incremental Sort' : 'Sort'}` : ''
    return { kind: 'sort-added', where: step.tables.join(', '), what: `${step.what} by ${keys}${instead}` }
  })
}

function spillChanges(trees: { before: PlanTree; after: PlanTree }, memory: Memory): readonly PlanChange[] {
  return surplus(spillsOf(trees.before, memory), spillsOf(trees.after, memory), stepKey).map((spill) => ({
    kind: 'spill-added',
    where: spill.tables.join(', '),
    what: `${spill.what} of ${Math.ceil(spill.bytes / 1e6)} MB goes to disk`,
  }))
}

const spillsDiffer = ({ before, after }: { before: PlanTree; after: PlanTree }, memory: Memory): boolean =>
  spillChanges({ before: after, after: before }, memory).length > 0

const worstFirst = (changes: readonly PlanChange[]): readonly PlanChange[] =>
  [...changes].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))

function changesOf(before: PlanTree, after: PlanTree, memory: Memory): readonly PlanChange[] {
  const changes = [
    ...accessChanges(before, after),
    ...joinChanges(before, after),
    ...sortChanges(before, after),
    ...spillChanges({ before, after }, memory),
  ]
  if (before.workers !== after.workers) {
    const what = `${after.workers} parallel workers instead of ${before.workers}`
    changes.push({ kind: 'parallel-changed', where: '', what })
  }
  if (changes.length === 0 && before.shape !== after.shape)
    changes.push({ kind: 'join-changed', where: '', what: 'rows are grouped or combined in another way' })
  return worstFirst(changes)
}

/** Within the planner's own fuzz, or less than a page. */
export function isTie(a: number, b: number): boolean {
  const [low, high] = a < b ? [a, b] : [b, a]
  return high <= low * TIE_FACTOR || high - low < TIE_COST
}

/** Does the cost rise by enough to count, for a plan that changed or for the same one? */
export function costsMore(costs: { readonly before: number; readonly after: number }, changed: boolean): boolean {
  const factor = changed ? REGRESSED_FACTOR : REGRESSED_FACTOR_SAME_PLAN
  return costs.after - costs.before >= REGRESSED_FLOOR && costs.after >= costs.before * factor
}

/** Compares two plans of one query under the same statistics. Never throws. `worse` one way is `better` the other way. */
export function comparePlans(before: PlanNode, after: PlanNode, options: CompareOptions = {}): PlanComparison {
  const trees = {
    before: readTree(before, options.indexKeys?.before),
    after: readTree(after, options.indexKeys?.after),
  }
  const memory = options.memory ?? DEFAULT_MEMORY
  const changes = changesOf(trees.before, trees.after, memory)
  const [costBefore, costAfter] = [before['Total Cost'], after['Total Cost']]
  const changed = trees.before.shape !== trees.after.shape || changes.length > 0 || spillsDiffer(trees, memory)
  const worse = costsMore({ before: costBefore, after: costAfter }, changed)
  const better = costsMore({ before: costAfter, after: costBefore }, changed)
  const verdict = worse ? 'worse' : better ? 'better' : 'neutral'
  const unchanged = isTie(costBefore, costAfter) ? 'none' : 'cost-only'
  const kind = better ? 'improved' : (changes[0]?.kind ?? unchanged)
  return { kind, verdict, changes, costBefore, costAfter }
}
