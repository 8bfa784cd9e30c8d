/** Reads plans: one line a node for people, and the scans with what stands above them. */
import { figure } from '../wording.ts'
import { columnsIn } from './index-definition.ts'
import type { PlanNode } from './plan-node.ts'

/** Deeper or larger plans are cut. */
const MAX_NODES = 200

interface Placed {
  readonly node: PlanNode
  readonly depth: number
  readonly above: readonly PlanNode[]
}

function placed(plan: PlanNode): readonly Placed[] {
  const all: Placed[] = []
  const walk = (node: PlanNode, above: readonly PlanNode[]) => {
    if (all.length >= MAX_NODES) return
    all.push({ node, depth: above.length, above })
    for (const child of node.Plans ?? []) walk(child, [...above, node])
  }
  walk(plan, [])
  return all
}

const CONDITIONS = ['Index Cond', 'Hash Cond', 'Merge Cond', 'Join Filter', 'Filter'] as const

function lineOf({ node, depth }: Placed): string {
  const relation = node['Relation Name']
  const alias = node.Alias !== undefined && node.Alias !== relation ? ` ${node.Alias}` : ''
  const on = relation === undefined ? '' : ` on ${relation}${alias}`
  const index = node['Index Name'] === undefined ? '' : ` using ${node['Index Name']}`
  const numbers = `(rows=${Math.round(node['Plan Rows'])} cost=${figure(node['Total Cost']).replaceAll(',', '')})`
  const sort = node['Sort Key'] === undefined ? '' : `  sort key: ${node['Sort Key'].join(', ')}`
  const conditions = CONDITIONS.flatMap((name) => {
    const text = node[name]
    return text === undefined ? [] : [`  ${name.toLowerCase()}: ${unwrapped(text)}`]
  })
  return `${'  '.repeat(depth)}${node['Node Type']}${index}${on}  ${numbers}${sort}${conditions.join('')}`
}

/** Without the outermost parentheses and the casts that PostgreSQL adds to constants. */
export function unwrapped(condition: string): string {
  const inner = /^\((.*)\)$/s.exec(condition)?.[1]
  const balanced = inner !== undefined && isBalanced(inner) ? inner : condition
  return balanced.replace(/('(?:[^']|'')*')::[a-z ]+/g, '$1')
}

function isBalanced(text: string): boolean {
  let depth = 0
  for (const character of text) {
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    if (depth < 0) return false
  }
  return depth === 0
}

/** `Seq Scan on payment_transactions pt  (rows=9703 cost=41667)  filter: status = 'pending'`, children indented. */
export const renderPlan = (plan: PlanNode): readonly string[] => placed(plan).map(lineOf)

/** A scan of a whole table, with the columns of that table which an index could have served. */
export interface SequentialScan {
  readonly table: string
  readonly alias: string
  readonly filter: string | null
  readonly filterColumns: readonly string[]
  /** Sort keys above it that name its columns, nearest first, as the plan writes them. */
  readonly sortKeys: readonly string[]
  readonly sortColumns: readonly string[]
  readonly joinColumns: readonly string[]
  readonly rows: number
  readonly cost: number
}

function scanOf({ node, above }: Placed): SequentialScan {
  const table = node['Relation Name'] ?? ''
  const alias = node.Alias ?? table
  const mine = (expression: string) => columnsIn(expression, [alias, table])
  const nearestFirst = [...above].reverse()
  const sortKeys = nearestFirst.flatMap((one) => one['Sort Key'] ?? []).filter((key) => qualified(key, alias, above))
  const joins = nearestFirst.flatMap((one) => [one['Hash Cond'], one['Merge Cond'], one['Join Filter']])
  return {
    table,
    alias,
    filter: node.Filter === undefined ? null : unwrapped(node.Filter),
    filterColumns: node.Filter === undefined ? [] : mine(node.Filter),
    sortKeys,
    sortColumns: [...new Set(sortKeys.flatMap(mine))],
    joinColumns: [...new Set(joins.flatMap((join) => (join === undefined ? [] : mine(join))))],
    rows: node['Plan Rows'],
    cost: node['Total Cost'],
  }
}

/** A key that names another table is not this scan's; one without a name is, when nothing else was joined. */
function qualified(key: string, alias: string, above: readonly PlanNode[]): boolean {
  if (new RegExp(`(^|[^\\w"])"?${alias.replace(/[^\w]/g, '\\$&')}"?\\.`).test(key)) return true
  return !key.includes('.') && above.every((one) => (one.Plans?.length ?? 0) <= 1)
}

/** Scans of whole tables, costliest first. */
export const sequentialScans = (plan: PlanNode): readonly SequentialScan[] =>
  placed(plan)
    .filter(({ node }) => node['Node Type'] === 'Seq Scan' && node['Relation Name'] !== undefined)
    .map(scanOf)
    .sort((a, b) => b.cost - a.cost)
