/** Plans as small as they can be kept. */
import type { PlanNode } from '../../../core/postgres/plan-node.ts'

const FIELDS: readonly (keyof PlanNode)[] = [
  'Node Type',
  'Parent Relationship',
  'Subplan Name',
  'Strategy',
  'Partial Mode',
  'Parallel Aware',
  'Join Type',
  'Scan Direction',
  'Operation',
  'Schema',
  'Relation Name',
  'Alias',
  'Index Name',
  'Sort Key',
  'Presorted Key',
  'Group Key',
  'Filter',
  'Index Cond',
  'Recheck Cond',
  'Hash Cond',
  'Merge Cond',
  'Join Filter',
  'Subplans Removed',
  'Startup Cost',
  'Total Cost',
  'Plan Rows',
  'Plan Width',
]
/** Node types, names and conditions come again and again: one string for all of them. */
const MAX_STRINGS = 20_000
/** More are cut; PostgreSQL itself gives up earlier. */
const MAX_DEPTH = 1000

/** Reads EXPLAIN’s JSON and keeps the fields of PlanNode only. */
export class PlanReader {
  private readonly strings = new Map<string, string>()

  /** @throws SyntaxError when it is no JSON, TypeError when it is no plan */
  read(json: string): PlanNode {
    const [explained] = JSON.parse(json) as readonly { readonly Plan?: PlanNode }[]
    if (explained?.Plan === undefined) throw new TypeError('EXPLAIN gave no plan')
    return this.node(explained.Plan, 0)
  }

  private node(node: PlanNode, depth: number): PlanNode {
    const kept: Record<string, unknown> = {}
    for (const field of FIELDS) {
      const value = node[field]
      if (value === undefined || value === false) continue
      kept[field] = typeof value === 'string' ? this.shared(value) : value
    }
    const children = depth < MAX_DEPTH ? node.Plans?.map((child) => this.node(child, depth + 1)) : undefined
    const plan = {
      ...kept,
      'Node Type': this.shared(node['Node Type']),
      'Total Cost': node['Total Cost'],
      'Plan Rows': node['Plan Rows'],
    }
    return children === undefined ? plan : { ...plan, Plans: children }
  }

  private shared(text: string): string {
    const known = this.strings.get(text)
    if (known !== undefined) return known
    if (this.strings.size < MAX_STRINGS) this.strings.set(text, text)
    return text
  }
}
