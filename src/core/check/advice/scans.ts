/** The scans of a plan, with all that an index could do for each. */
import type { PlanNode } from '../../postgres/plan-node.ts'
import { type Token, tokensOf } from '../../postgres/tokens.ts'
import { type Conjunct, type OrderSpec, readConditions, readSortKey, written } from './conditions.ts'
import { itemsAt } from './index-shape.ts'

/** Deeper parts of a plan are not looked at. */
const MAX_DEPTH = 100

/** One scan of a table. */
export interface IndexableScan {
  /** As the plan names it: a partition, when the table has some. */
  readonly relation: string
  readonly conditions: readonly Conjunct[]
  /** The order that the nearest sort above asks for; empty when it asks for none, or for another table's. */
  readonly order: readonly OrderSpec[]
  readonly cost: number
}

const OWN = ['Filter', 'Index Cond', 'Recheck Cond'] as const
const ABOVE = ['Hash Cond', 'Merge Cond', 'Join Filter'] as const

function orderAbove(above: readonly PlanNode[], names: readonly string[]): readonly OrderSpec[] {
  const sort = above.findLast((node) => node['Sort Key'] !== undefined)
  if (sort === undefined) return []
  const joined = above.some((node) => (node.Plans?.length ?? 0) > 1)
  const keys = (sort['Sort Key'] ?? []).map((key) => {
    const qualified = key.includes('.')
    return joined && !qualified ? null : readSortKey(key, names)
  })
  return keys.every((key) => key !== null) ? keys : []
}

const ENDS_ORDER = new Set(['limit', 'offset', 'fetch', 'for'])

/**
 * The last ORDER BY of the query itself, for a plan that needs no sort: its index gives the order and may be the wrong one
 * to search by. Unqualified names are this table's only when the plan reads no other.
 */
function orderOfQuery(query: string, names: readonly string[], alone: boolean): readonly OrderSpec[] {
  const tokens = tokensOf(query)
  const by = tokens.findLastIndex((token, at) => token.text === 'by' && tokens[at - 1]?.text === 'order')
  if (by === -1) return []
  const rest = tokens.slice(by + 1)
  const end = rest.findIndex((token) => ENDS_ORDER.has(token.text) || token.text === ';')
  const [open, close] = ['(', ')'].map((text): Token => ({ kind: 'mark', text }))
  if (open === undefined || close === undefined) return []
  const { items } = itemsAt([open, ...(end === -1 ? rest : rest.slice(0, end)), close], 0)
  const keys = items.map((item) => {
    const qualified = item.some((token) => token.text === '.')
    return alone || qualified ? readSortKey(written(item), names) : null
  })
  return keys.every((key) => key !== null) ? keys : []
}

function scanOf(node: PlanNode, above: readonly PlanNode[], query: string): IndexableScan {
  const sorted = above.some((one) => one['Sort Key'] !== undefined)
  const limited = above.some((one) => one['Node Type'] === 'Limit')
  const alone = above.every((one) => (one.Plans?.length ?? 0) <= 1)
  const relation = node['Relation Name'] ?? ''
  const alias = node.Alias ?? relation
  const names = [alias, alias.replace(/_\d+$/, ''), relation]
  const read = (text: string | undefined) => (text === undefined ? [] : readConditions(text, names, query))
  const own = OWN.flatMap((part) => read(node[part]))
  // Above a scan every column of it is written with its alias.
  const joins = above.flatMap((one) => ABOVE.flatMap((part) => read(one[part]))).filter((one) => one.join)
  const order = limited && !sorted ? orderOfQuery(query, names, alone) : orderAbove(above, names)
  return { relation, conditions: [...own, ...joins], order, cost: node['Total Cost'] }
}

/** Every scan of a table in a plan, costliest first. `query`: the text, for what is constant in it. */
export function indexableScans(plan: PlanNode, query: string): readonly IndexableScan[] {
  const scans: IndexableScan[] = []
  const walk = (node: PlanNode, above: readonly PlanNode[]) => {
    if (above.length > MAX_DEPTH) return
    const reads = node['Relation Name'] !== undefined && /Scan$/.test(node['Node Type'])
    if (reads) scans.push(scanOf(node, above, query))
    for (const child of node.Plans ?? []) walk(child, [...above, node])
  }
  walk(plan, [])
  return scans.sort((a, b) => b.cost - a.cost)
}
