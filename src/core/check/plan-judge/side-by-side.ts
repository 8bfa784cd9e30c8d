/** Two plans beside each other, line by line: what is drawn in the terminal and in the HTML report. */
import { renderPlan } from '../../postgres/plan.ts'
import type { PlanNode } from '../../postgres/plan-node.ts'

/** One row of two plans side by side. A side is null where the other plan has a node that it has not. */
export interface AlignedRow {
  /** As `renderPlan` writes it, indented. */
  readonly before: string | null
  readonly after: string | null
  /** `changed`: the same place in the plan, another way to do it, or by itself at least twice as dear. */
  readonly mark: 'same' | 'changed' | 'removed' | 'added'
}

interface Line {
  readonly text: string
  readonly node: PlanNode
  readonly depth: number
}

/** A node counts as changed when its own cost, less its children's, moves by this factor and by so many units. */
const OWN_COST_FACTOR = 2
const OWN_COST_FLOOR = 50

/** In the order of `renderPlan`, and as many. */
function linesOf(plan: PlanNode): readonly Line[] {
  const texts = renderPlan(plan)
  const lines: Line[] = []
  const walk = (node: PlanNode, depth: number) => {
    const text = texts[lines.length]
    if (text === undefined) return
    lines.push({ text, node, depth })
    for (const child of node.Plans ?? []) walk(child, depth + 1)
  }
  walk(plan, 0)
  return lines
}

const identity = (node: PlanNode): string =>
  [node['Node Type'], node['Index Name'], node['Relation Name'], node.Alias, node['Subplan Name']].join('|')

/** How well two nodes stand for the same thing; 0: not at all. */
function likeness(a: Line, b: Line): number {
  const near = a.depth === b.depth ? 1 : 0
  if (identity(a.node) === identity(b.node)) return 6 + near
  const alias = a.node.Alias
  if (alias !== undefined) return alias === b.node.Alias ? 4 + near : 0
  if (b.node.Alias !== undefined) return 0
  if (a.node['Node Type'] === b.node['Node Type']) return 2 + near
  const joins = [a, b].every((line) => line.node['Join Type'] !== undefined)
  return joins ? 2 : 0
}

const ownCost = (node: PlanNode): number =>
  Math.max(0, node['Total Cost'] - (node.Plans ?? []).reduce((sum, child) => sum + child['Total Cost'], 0))

function moved(a: PlanNode, b: PlanNode): boolean {
  const [low, high] = [ownCost(a), ownCost(b)].sort((x, y) => x - y)
  if (low === undefined || high === undefined) return false
  return high >= low * OWN_COST_FACTOR && high - low >= OWN_COST_FLOOR
}

/** Length, from each pair of positions on, of the best alignment. */
function scores(left: readonly Line[], right: readonly Line[]): readonly (readonly number[])[] {
  const table = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0))
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const [a, b, row] = [left[i], right[j], table[i]]
      if (a === undefined || b === undefined || row === undefined) continue
      const alike = likeness(a, b)
      const both = alike === 0 ? 0 : alike + (table[i + 1]?.[j + 1] ?? 0)
      row[j] = Math.max(both, table[i + 1]?.[j] ?? 0, row[j + 1] ?? 0)
    }
  }
  return table
}

function pair(a: Line, b: Line): AlignedRow {
  const same = identity(a.node) === identity(b.node) && !moved(a.node, b.node)
  return { before: a.text, after: b.text, mark: same ? 'same' : 'changed' }
}

/** The two plans' lines with equal or corresponding nodes on one row, both in their own order and complete. */
export function alignPlans(before: PlanNode, after: PlanNode): readonly AlignedRow[] {
  const [left, right] = [linesOf(before), linesOf(after)]
  const table = scores(left, right)
  const rows: AlignedRow[] = []
  let [i, j] = [0, 0]
  while (i < left.length || j < right.length) {
    const [a, b] = [left[i], right[j]]
    const here = table[i]?.[j] ?? 0
    const alike = a && b ? likeness(a, b) : 0
    if (a && b && alike > 0 && here === alike + (table[i + 1]?.[j + 1] ?? 0)) {
      rows.push(pair(a, b))
      i += 1
      j += 1
    } else if (a && (!b || here === (table[i + 1]?.[j] ?? 0))) {
      rows.push({ before: a.text, after: null, mark: 'removed' })
      i += 1
    } else if (b) {
      rows.push({ before: null, after: b.text, mark: 'added' })
      j += 1
    }
  }
  return rows
}
